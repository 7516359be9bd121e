import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectorConflict } from "#connector/index.ts";
import { Failure } from "#core/index.ts";
import { InvalidRequest, problemOf } from "./problem.ts";

const statuses: [string, unknown, number, string][] = [
  ["a stale version", new Failure("CON-STALE", "never", "x"), 412, "CON-STALE"],
  ["a busy catalogue", new Failure("CATALOGUE-BUSY", "later", "x"), 503, "CATALOGUE-BUSY"],
  ["a message above the limit", new Failure("IMPORT-TOO-LARGE", "never", "x"), 413, "IMPORT-TOO-LARGE"],
  ["a full spool", new Failure("SPOOL-FULL", "later", "x"), 503, "SPOOL-FULL"],
  ["a query that is none", new InvalidRequest("QUERY-BAD-DATE", "x", []), 400, "QUERY-BAD-DATE"],
  ["damage", new Failure("PACK-DAMAGED", "never", "x"), 500, "PACK-DAMAGED"],
  ["a stranger", new TypeError("x is not a function"), 500, "INTERNAL"],
  ["something thrown that is no error", "text", 500, "INTERNAL"],
  ["nothing thrown", undefined, 500, "INTERNAL"],
  ["a media type", Object.assign(new Error("x"), { statusCode: 415 }), 415, "REQUEST-MEDIA-TYPE"],
  ["a body above the limit", Object.assign(new Error("x"), { statusCode: 413 }), 413, "REQUEST-TOO-LARGE"],
  [
    "another fault the web server finds in a request",
    Object.assign(new Error("x"), { statusCode: 400 }),
    400,
    "REQUEST-INVALID",
  ],
];
for (const [name, error, status, code] of statuses) {
  test(`${name} is ${status} ${code}`, () => {
    const problem = problemOf(error, "trace");
    assert.deepEqual([problem.status, problem.code, problem.traceId], [status, code, "trace"]);
    assert.equal(problem.type, `urn:muniment:problem:${code.toLowerCase()}`);
    assert.notEqual(problem.effect, "");
  });
}

test("nothing of an internal fault gets out", () => {
  for (const error of [
    new Error("/var/lib/secret"),
    new Failure("DISK-FAULT", "later", "/var/lib/secret"),
    new Failure("INTERNAL", "never", "/var/lib/secret"),
  ]) {
    const text = JSON.stringify(problemOf(error, "t"));
    assert.equal(text.includes("secret"), false, text);
    assert.equal(text.includes(".ts"), false, text);
  }
});

test("a public text of our own fault is shown", () => {
  const failure = new Failure("SPOOL-FULL", "later", "/x is full", { publicText: "the disk is full" });
  assert.equal(problemOf(failure, "t").detail, "the disk is full");
});

test("the field to blame is pointed at", () => {
  const pointers = [
    problemOf(new Failure("CON-ADDRESS", "never", "bad"), "t"),
    problemOf(new ConnectorConflict("description"), "t"),
    problemOf(new Failure("CON-STALE", "never", "x"), "t"),
  ].map(({ errors }) => errors?.[0]?.pointer);
  assert.deepEqual(pointers, ["/journalEmailAddress", "/description", undefined]);
});
