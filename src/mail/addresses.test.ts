import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddresses } from "./addresses.ts";
import { addressesMax } from "./limits.ts";

/** Each list as `name|address` strings. */
const lists: Record<string, [text: string, ...mailboxes: string[]]> = {
  "a bare address": ["ann@example.com", "|ann@example.com"],
  "name and brackets": ["Ann Bright <ann@example.com>", "Ann Bright|ann@example.com"],
  "a quoted name with a comma": ['"Bright, Ann" <ann@example.com>, bob@x', "Bright, Ann|ann@example.com", "|bob@x"],
  "escapes in a quoted name": ['"Ann \\"A\\" B" <ann@x>', 'Ann "A" B|ann@x'],
  "a comment as name": ["ann@example.com (Ann Bright)", "Ann Bright|ann@example.com"],
  "nested comments": ["(a(b(c)d)e) ann@example.com", "a(b(c)d)e|ann@example.com"],
  "a group": ["Team: ann@x, Bob <bob@x>;", "|ann@x", "Bob|bob@x"],
  "an empty group": ["undisclosed-recipients:;", "undisclosed-recipients|"],
  "an empty group without its end": ["undisclosed-recipients:", "undisclosed-recipients|"],
  "semicolons for commas": ["ann@x; bob@x", "|ann@x", "|bob@x"],
  "a quoted local part": ['"ann b"@example.com', '|"ann b"@example.com'],
  "a quoted local part in brackets": ['Ann <"a,b"@example.com>', 'Ann|"a,b"@example.com'],
  "blanks around the at sign": ["ann @ example.com", "|ann@example.com"],
  "a name behind a bare address": ["ann@x Ann Bright", "Ann Bright|ann@x"],
  "two in brackets without a comma": ["Ann <ann@x> Bob <bob@x>", "Ann|ann@x", "Bob|bob@x"],
  "an unclosed bracket": ["Ann <ann@x, Bob <bob@x>", "Ann|ann@x", "Bob|bob@x"],
  "an unclosed quote": ['"Ann <ann@x>', '"Ann|ann@x'],
  "an unclosed comment": ["Ann :-( <ann@x>", "-(|ann@x"],
  "a route": ["<@a.example,@b.example:ann@x>", "|ann@x"],
  "a name without address": ["Ann Bright", "Ann Bright|"],
  "a local name": ["root", "|root"],
  "an encoded name": ["=?utf-8?Q?Andr=C3=A9?= <a@x>", "André|a@x"],
  "an encoded name with signs that separate": ["=?utf-8?Q?a:)_<b>,?= <a@x>", "a:) <b>,|a@x"],
  "an encoded name in quotes": ['"=?iso-8859-1?Q?Andr=E9?=" <a@x>', "André|a@x"],
  "an encoded name that pretends an address": ["=?utf-8?Q?boss=40example.com?= <evil@x>", "boss@example.com|evil@x"],
  "empty places": [", ,ann@x,,", "|ann@x"],
  nothing: ["", ...[]],
  "the null sender": ["<>", "|"],
};

for (const [name, [text, ...expected]] of Object.entries(lists)) {
  test(`reads ${name}`, () => {
    const { mailboxes } = readAddresses(text, addressesMax);
    assert.deepEqual(
      mailboxes.map((each) => `${each.name}|${each.address}`),
      expected,
    );
  });
}

test("says when the grammar is broken, and when it is not", () => {
  assert.equal(readAddresses("Ann <ann@x> Bob <bob@x>", 10).isMalformed, true);
  assert.equal(readAddresses("Ann <ann@x", 10).isMalformed, true);
  assert.equal(readAddresses("a> b@x", 10).isMalformed, true);
  assert.equal(readAddresses('"A, B" <ann@x>, Team: bob@x;', 10).isMalformed, false);
});

test("reads as many addresses as asked for and says that there are more", () => {
  assert.deepEqual(
    [3, 2].map((countMax) => {
      const { mailboxes, isCut } = readAddresses("a@x, b@x, c@x", countMax);
      return [mailboxes.length, isCut];
    }),
    [
      [3, false],
      [2, true],
    ],
  );
});

const hostile = ["a:", "(", ")", "((", '"', '"a" ', "<", "<a@b,", "\\", " ", "=?a?q?", ",", ";", "a@", "(a) ", "<@a,"];
for (const piece of hostile) {
  test(`reads a million characters of ${JSON.stringify(piece)} in one pass`, { timeout: 60_000 }, () => {
    const { mailboxes } = readAddresses(piece.repeat(Math.ceil(1_000_000 / piece.length)), addressesMax);
    assert.ok(mailboxes.length <= addressesMax);
  });
}
