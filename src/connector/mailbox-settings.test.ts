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
import { oauthSecretCharactersMax } from "./oauth-settings.ts";

const least = { host: "mail.example.com", user: "journal", password: "secret" };
const before: Pop3Settings = { ...changedMailbox(undefined, least).settings, sealedPassword: "sealed" };
const isRefused = (error: unknown) => isFailure(error, "CON-MAILBOX");

test("a new mailbox has implicit TLS, strict verification and deletes at once unless told otherwise", () => {
  assert.deepEqual(changedMailbox(undefined, least).settings, {
    ...{ host: "mail.example.com", port: 995, tls: "implicit", verify: { kind: "strict" }, user: "journal" },
    ...{ intervalSeconds: 60, retention: { kind: "delete" } },
  });
  assert.equal(changedMailbox(undefined, { ...least, tls: "starttls" }).settings.port, 110);
});

test("days on the server and whom to trust are read back in the words they were said in", () => {
  for (const keepDays of [0, 1, keepDaysMax, null])
    assert.equal(keepDaysOf(changedMailbox(undefined, { ...least, keepDays }).settings), keepDays);
  for (const verify of ["strict", "relaxed", "ab".repeat(32)])
    assert.equal(verifyText(changedMailbox(undefined, { ...least, verify }).settings), verify);
  const colons = Array(32).fill("AB").join(":");
  assert.equal(verifyText(changedMailbox(undefined, { ...least, verify: colons }).settings), "ab".repeat(32));
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
    changedMailbox(before, { intervalSeconds: 5, keepDays: null, host: "MAIL.example.com" }).settings.intervalSeconds,
    5,
  );
});

const app = { tokenEndpoint: "https://login.example.com/token", clientId: "app-1" };
const byToken: Pop3Changes = {
  ...{ host: "mail.example.com", user: "journal@example.com" },
  oauth: { ...app, clientSecret: "the-client-secret" },
};
const tokenBefore: Pop3Settings = { ...changedMailbox(undefined, byToken).settings, sealedPassword: "sealed" };

test("a login by access token keeps its settings open and its secrets together, to be sealed", () => {
  const { settings, secret } = changedMailbox(undefined, byToken);
  assert.deepEqual(settings.oauth, { ...app, grant: "client-credentials", scope: "" });
  assert.deepEqual(JSON.parse(secret ?? ""), { clientSecret: "the-client-secret", refreshToken: "" });
  assert.ok(!JSON.stringify(settings).includes("the-client-secret"));
  const consented = { ...app, grant: "refresh-token" as const, refreshToken: "r-1" };
  assert.deepEqual(JSON.parse(changedMailbox(undefined, { ...byToken, oauth: consented }).secret ?? ""), {
    clientSecret: "",
    refreshToken: "r-1",
  });
});

test("at Microsoft the scope of POP3 is asked for unless another is named", () => {
  const tokenEndpoint = "https://login.microsoftonline.com/t/oauth2/v2.0/token";
  const scopeOf = (oauth: object) =>
    changedMailbox(undefined, { ...byToken, oauth: { ...app, tokenEndpoint, clientSecret: "s", ...oauth } }).settings
      .oauth?.scope;
  assert.equal(scopeOf({}), "https://outlook.office365.com/.default");
  assert.match(scopeOf({ grant: "refresh-token", refreshToken: "r" }) ?? "", /POP\.AccessAsUser\.All/);
  assert.equal(scopeOf({ scope: "own" }), "own");
});

test("secrets of a token go nowhere they were not given for, and a change between password and token asks for them", () => {
  const kept = changedMailbox(tokenBefore, { intervalSeconds: 5 });
  assert.deepEqual([kept.secret, kept.settings.oauth], [null, tokenBefore.oauth]);
  const elsewhere: Pop3Changes[] = [
    { host: "evil.example" },
    { oauth: { tokenEndpoint: "https://evil.example/token" } },
    { oauth: { clientId: "another" } },
    { oauth: null },
  ];
  for (const change of elsewhere)
    assert.throws(() => changedMailbox(tokenBefore, change), isRefused, JSON.stringify(change));
  assert.throws(() => changedMailbox(before, { oauth: app }), isRefused);
  const back = changedMailbox(tokenBefore, { password: "a password" });
  assert.deepEqual([back.secret, back.settings.oauth], ["a password", undefined]);
});

const refusedTokens: [string, NonNullable<Pop3Changes["oauth"]>][] = [
  ["an endpoint in clear", { ...app, tokenEndpoint: "http://login.example.com/token", clientSecret: "s" }],
  ["an endpoint that is a file", { ...app, tokenEndpoint: "file:///etc/passwd", clientSecret: "s" }],
  ["an endpoint with a user", { ...app, tokenEndpoint: "https://a:b@login.example.com/", clientSecret: "s" }],
  ["an endpoint with a line end", { ...app, tokenEndpoint: "https://login.example.com/\r\nX: y", clientSecret: "s" }],
  ["no client id", { ...app, clientId: "", clientSecret: "s" }],
  ["client credentials without a secret", app],
  ["client credentials with a refresh token", { ...app, clientSecret: "s", refreshToken: "r" }],
  ["a consent without its refresh token", { ...app, grant: "refresh-token", clientSecret: "s" }],
  ["a secret with a line end", { ...app, clientSecret: "s\r\n" }],
  ["a secret that is too long", { ...app, clientSecret: "x".repeat(oauthSecretCharactersMax + 1) }],
];
for (const [name, oauth] of refusedTokens)
  test(`${name} is refused`, () => assert.throws(() => changedMailbox(undefined, { ...byToken, oauth }), isRefused));

test("a password and an access token do not go together", () => {
  assert.throws(() => changedMailbox(undefined, { ...byToken, password: "secret" }), isRefused);
});
