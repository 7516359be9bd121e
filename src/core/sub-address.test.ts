import assert from "node:assert/strict";
import { test } from "node:test";
import { mailboxInSubAddress } from "./sub-address.ts";

const cases: [recipient: string, mailbox: string | null][] = [
  ["j-1+alice=example.org@journal.example", "alice@example.org"],
  ["J-1+Alice=Example.org@JOURNAL.example", "Alice@Example.org"],
  ["j-1+alice+tag=example.org@journal.example", "alice+tag@example.org"],
  ["j-1+a=b=example.org@journal.example", "a=b@example.org"],
  ['"j-1+\\"two words\\"=example.org"@journal.example', '"two words"@example.org'],
  ["j-1@journal.example", null],
  ["j-1+alice@journal.example", null],
  ["j-1+=example.org@journal.example", null],
  ["j-1+alice=@journal.example", null],
  ["j-1+alice=example.org@elsewhere.example", null],
  ["j-2+alice=example.org@journal.example", null],
  ["", null],
];
for (const [recipient, mailbox] of cases) {
  test(`${recipient || "nothing"} is a copy for ${mailbox ?? "nobody that it names"}`, () => {
    assert.equal(mailboxInSubAddress(recipient, "j-1@journal.example"), mailbox);
  });
}
