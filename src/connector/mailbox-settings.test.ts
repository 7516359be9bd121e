import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pop3Settings } from "#catalogue/index.ts";
import { isFailure } from "#core/index.ts";
import {
  changedMailbox,
  intervalSecondsMax,
  intervalSecondsMin,
  keepDaysMax,
  keepDaysOf,
  type Pop3Changes,
  secretCharactersMax,
  verifyText,
} from "./mailbox-settings.ts";

const least = { host: "mail.example.com", user: "journal", password: "secret" };
const before: Pop3Settings = { ...changedMailbox(undefined, least), sealedPassword: "sealed" };
const isRefused = (error: unknown) => isFailure(error, "CON-MAILBOX");

test("a new mailbox has implicit TLS, strict verification and deletes at once unless told otherwise", () => {
  assert.deepEqual(changedMailbox(undefined, least), {
    ...{ host: "mail.example.com", port: 995, tls: "implicit", verify: { kind: "strict" }, user: "journal" },
    ...{ intervalSeconds: 60, retention: { kind: "delete" } },
  });
  assert.equal(changedMailbox(undefined, { ...least, tls: "starttls" }).port, 110);
});

test("days on the server and whom to trust are read back in the words they were said in", () => {
  for (const keepDays of [0, 1, keepDaysMax, null])
    assert.equal(keepDaysOf(changedMailbox(undefined, { ...least, keepDays })), keepDays);
  for (const verify of ["strict", "relaxed", "ab".repeat(32)])
    assert.equal(verifyText(changedMailbox(undefined, { ...least, verify })), verify);
  const colons = Array(32).fill("AB").join(":");
  assert.equal(verifyText(changedMailbox(undefined, { ...least, verify: colons })), "ab".repeat(32));
});

const accepted: [string, Pop3Changes][] = [
  ["the shortest interval", { intervalSeconds: intervalSecondsMin }],
  ["the longest interval", { intervalSeconds: intervalSecondsMax }],
  ["the longest password", { password: "x".repeat(secretCharactersMax) }],
  ["an IPv6 address", { host: "2001:db8::1" }],
];
for (const [name, change] of accepted)
  test(`${name} is taken`, () => void changedMailbox(undefined, { ...least, ...change }));

const refused: [string, Pop3Changes][] = [
  ["no host", { host: " " }],
  ["a host with a line end", { host: "mail\r\nexample" }],
  ["port 0", { port: 0 }],
  ["port 65536", { port: 65_536 }],
  ["no user", { user: "" }],
  ["a user of two lines", { user: "a\r\nDELE 1" }],
  ["an empty password", { password: "" }],
  ["a password of two lines", { password: "a\r\nDELE 1" }],
  ["a password that is too long", { password: "x".repeat(secretCharactersMax + 1) }],
  ["an interval that is too short", { intervalSeconds: intervalSecondsMin - 1 }],
  ["an interval that is too long", { intervalSeconds: intervalSecondsMax + 1 }],
  ["too many days", { keepDays: keepDaysMax + 1 }],
  ["half a day", { keepDays: 0.5 }],
  ["a fingerprint that is too short", { verify: "ab" }],
];
for (const [name, change] of refused)
  test(`${name} is refused`, () => assert.throws(() => changedMailbox(undefined, { ...least, ...change }), isRefused));

test("a new mailbox without a password is refused", () => {
  assert.throws(() => changedMailbox(undefined, { host: "mail.example.com", user: "journal" }), isRefused);
});

test("a password goes nowhere it was not given for: another place, user or protection asks for it again", () => {
  const elsewhere: Pop3Changes[] = [
    { host: "evil.example" },
    { port: 110 },
    { user: "other" },
    { tls: "none" },
    { verify: "relaxed" },
  ];
  for (const change of elsewhere) {
    assert.throws(() => changedMailbox(before, change), isRefused, JSON.stringify(change));
    changedMailbox(before, { ...change, password: "again" });
  }
  assert.equal(
    changedMailbox(before, { intervalSeconds: 5, keepDays: null, host: "MAIL.example.com" }).intervalSeconds,
    5,
  );
});
