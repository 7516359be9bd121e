import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { readCapabilities } from "./capabilities.ts";
import { loginCommands, secretsOf } from "./login.ts";

const password = (user: string, secret: string, mechanism: "best" | "apop" | "plain" | "user" = "best") =>
  ({ kind: "password", user, password: secret, mechanism }) as const;
const commandsOf = (login: Parameters<typeof loginCommands>[0], capabilities: string[] = [], greeting = "") =>
  loginCommands(login, greeting, readCapabilities(capabilities), "tok.en")?.map(({ command }) => command) ?? null;

test("takes SASL PLAIN where it is offered, and USER and PASS otherwise", () => {
  assert.deepEqual(commandsOf(password("tim", "tanstaaf"), ["SASL LOGIN PLAIN", "USER"]), [
    "AUTH PLAIN AHRpbQB0YW5zdGFhZg==",
  ]);
  assert.deepEqual(commandsOf(password("tim", "tanstaaf"), ["USER"]), ["USER tim", "PASS tanstaaf"]);
  assert.deepEqual(commandsOf(password("tim", "tan staaf")), ["USER tim", "PASS tan staaf"]);
  assert.equal(commandsOf(password("tim", "tanstaaf"), ["SASL GSSAPI", "TOP"]), null);
});

test("APOP is RFC 1939's example, and needs the greeting's timestamp", () => {
  const greeting = "POP3 server ready <1896.697170952@dbc.mtview.ca.us>";
  const login = password("mrose", "tanstaaf", "apop");
  assert.deepEqual(commandsOf(login, [], greeting), ["APOP mrose c4c9334bac560ecc979e58001b3e22fb"]);
  assert.equal(commandsOf(login, [], "POP3 server ready <no-domain>"), null);
});

test("an AUTH line that would be too long is said in two steps", () => {
  const short = loginCommands(password("u", "p".repeat(177), "plain"), "", readCapabilities([]), "")!;
  assert.deepEqual([short[0]!.command.length, short[0]!.response], [251, null]);
  const long = loginCommands(password("u", "p".repeat(178), "plain"), "", readCapabilities([]), "")!;
  assert.equal(long[0]!.command, "AUTH PLAIN");
  assert.equal(Buffer.from(long[0]!.response!, "base64").toString(), `\0u\0${"p".repeat(178)}`);
});

test("XOAUTH2 is said in two steps", () => {
  const login = { kind: "xoauth2", user: "u@x", source: { token: async () => "tok.en", leftMs: () => null } } as const;
  const [only] = loginCommands(login, "", readCapabilities([]), "tok.en")!;
  assert.equal(only!.command, "AUTH XOAUTH2");
  assert.equal(Buffer.from(only!.response!, "base64").toString(), "user=u@x\x01auth=Bearer tok.en\x01\x01");
});

test("what would be a further command is refused", () => {
  for (const [user, secret, mechanism] of [
    ["a\r\nDELE 1", "x", "user"],
    ["a", "x\r\nDELE 1", "user"],
    ["a\0b", "x", "plain"],
    ["a", "x\0y", "plain"],
    ["a b", "x", "apop"],
    ["", "x", "user"],
    ["a", "", "user"],
  ] as const)
    assert.throws(
      () => commandsOf(password(user, secret, mechanism), [], "<a@b>"),
      (error) => isFailure(error, "POP3-LOGIN-MALFORMED"),
    );
});

test("every word of a login but the user's name is a secret", () => {
  const login = password("tim", "tanstaaf");
  for (const capabilities of [["USER"], ["SASL PLAIN"]]) {
    const commands = loginCommands(login, "", readCapabilities(capabilities), "")!;
    const secrets = secretsOf(login, commands, "");
    assert.ok(!secrets.includes("tim"));
    for (const { command, step } of commands) {
      const left = secrets.reduce((text, secret) => text.replaceAll(secret, "*"), command);
      assert.doesNotMatch(`${left} ${step}`, /tanstaaf|AHRpb/);
    }
  }
});
