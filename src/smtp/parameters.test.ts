import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRcptParameters, readMailParameters } from "./parameters.ts";

const none = { size: 0, utf8: false, binary: false, requireTls: false };

const taken: [text: string, expected: object][] = [
  ["", none],
  ["SIZE=100", { ...none, size: 100 }],
  ["size=100  body=binarymime", { ...none, size: 100, binary: true }],
  ["BODY=7BIT SMTPUTF8", { ...none, utf8: true }],
  ["BODY=8BITMIME RET=FULL ENVID=a+20b", none],
  ["REQUIRETLS", { ...none, requireTls: true }],
  [`SIZE=${"9".repeat(400)}`, { ...none, size: Infinity }],
];

for (const [text, expected] of taken) {
  test(`takes MAIL with ${text.slice(0, 40) || "nothing"}`, () => assert.deepEqual(readMailParameters(text), expected));
}

const wrong: [text: string, code: string][] = [
  ["SIZE=1 size=1", "501"],
  ["SIZE=", "501"],
  ["SIZE=1x", "501"],
  ["SIZE=1=2", "501"],
  ["-SIZE=1", "501"],
  ["BODY", "501"],
  ["SMTPUTF8=", "501"],
  ["REQUIRETLS=1", "501"],
  ["NOTIFY=NEVER", "555"],
  ["__proto__=1", "501"],
  ["constructor=1", "555"],
];

for (const [text, code] of wrong) {
  test(`answers MAIL with ${text} by ${code}`, () => {
    const reply = readMailParameters(text);
    assert.equal(typeof reply === "string" ? reply.slice(0, 3) : reply, code);
  });
}

const rcpt: [text: string, code: string | undefined][] = [
  ["", undefined],
  ["NOTIFY=NEVER", undefined],
  ["notify=success,failure,delay orcpt=rfc822;a+40b.test", undefined],
  ["NOTIFY=NEVER,DELAY", "501"],
  ["NOTIFY=ALWAYS", "501"],
  ["ORCPT=rfc822;", "501"],
  [`ORCPT=rfc822;${"x".repeat(500)}`, undefined],
  [`ORCPT=rfc822;${"x".repeat(501)}`, "501"],
  ["SIZE=1", "555"],
];

for (const [text, code] of rcpt) {
  test(`answers RCPT with ${text.slice(0, 60) || "nothing"} ${text.length > 60 ? `(${text.length} signs) ` : ""}by ${code ?? "250"}`, () => {
    assert.equal(checkRcptParameters(text)?.slice(0, 3), code);
  });
}
