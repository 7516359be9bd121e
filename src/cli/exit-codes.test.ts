import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "#core/index.ts";
import { exitCodeOf, exitCodes, exitMeanings } from "./exit-codes.ts";
import { ProblemFailure, problemOf, problemText, usageFailure } from "./problem.ts";

const problem = { type: "urn:x", title: "x", detail: "it failed", effect: "no mail is lost" };

test("each problem ends with the code that its documentation promises", () => {
  const ends: [{ code: string; status?: number }, number][] = [
    [{ code: "USAGE" }, 2],
    [{ code: "QUERY-SYNTAX", status: 400 }, 2],
    [{ code: "CON-ADDRESS", status: 422 }, 2],
    [{ code: "AUTH-REQUIRED", status: 401 }, 4],
    [{ code: "MESSAGE-UNKNOWN", status: 404 }, 5],
    [{ code: "ARCHIVE-MISSING" }, 10],
    [{ code: "ARCHIVE-LOCKED" }, 11],
    [{ code: "KEY-WRONG" }, 12],
    [{ code: "PACK-DAMAGED", status: 500 }, 20],
    [{ code: "BACKUP-DAMAGED" }, 20],
    [{ code: "BACKUP-INCOMPLETE" }, 20],
    [{ code: "BACKUP-UNPROVED", status: 503 }, 20],
    [{ code: "BACKUP-MISSING" }, 5],
    [{ code: "BACKUP-PLACE", status: 422 }, 2],
    [{ code: "BACKUP-OTHER", status: 409 }, 2],
    [{ code: "BACKUP-BUSY", status: 409 }, 75],
    [{ code: "RESTORE-TARGET" }, 2],
    [{ code: "SPOOL-FULL", status: 503 }, 75],
    [{ code: "ANYTHING", status: 503 }, 75],
    [{ code: "IMPORT-UNKNOWN", status: 404 }, 75],
    [{ code: "INTERRUPTED" }, 130],
    [{ code: "CON-CONFLICT", status: 409 }, 1],
    [{ code: "INTERNAL" }, 1],
  ];
  for (const [given, code] of ends) assert.equal(exitCodeOf(given), code, given.code);
});

test("each exit code has a meaning", () => {
  assert.deepEqual(
    Object.keys(exitMeanings).map(Number),
    Object.values(exitCodes).toSorted((a, b) => a - b),
  );
});

test("a problem says what happened, its effect, what to do, and its code", () => {
  assert.equal(
    problemText(problemOf(new Failure("ARCHIVE-LOCKED", "later", "the archive is in use"))),
    "the archive is in use · no mail is lost · wait for the other process, or stop it · ARCHIVE-LOCKED",
  );
  assert.equal(problemText(problemOf(usageFailure("what?"))), "what? · nothing was done · see muniment help · USAGE");
});

test("a problem of the API keeps its reasons and suggestions", () => {
  const errors = [{ column: 0, detail: "no operator frm:", suggestion: "from:" }];
  const failure = new ProblemFailure({ ...problem, status: 400, code: "QUERY-X", errors });
  assert.equal(
    problemText(problemOf(failure)),
    "it failed: no operator frm: · no mail is lost · did you mean from:? · QUERY-X",
  );
  assert.equal(failure.retry, "never");
  assert.equal(new ProblemFailure({ ...problem, status: 503, code: "X" }).retry, "later");
});

test("a fault of ours points to the log of the server", () => {
  const text = problemText({ ...problem, status: 500, code: "INTERNAL", traceId: "t1" });
  assert.match(text, /the server's log says more under t1/);
});
