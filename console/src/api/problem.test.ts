import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiProblem } from "../api.generated.ts";
import { text } from "../text/index.ts";
import { fieldProblem, problemOf, problemReport } from "./problem.ts";

const conflict = new ApiProblem({
  type: "urn:muniment:problem:con-conflict",
  title: "Conflict",
  status: 409,
  detail: "another connector has this description",
  code: "CON-CONFLICT",
  traceId: "req-1",
  effect: "no mail is lost",
  errors: [{ pointer: "/description", detail: "another connector has this description" }],
});

test("tells what happened, the effect on mail, what to do and the code", () => {
  const problem = problemOf(conflict);
  assert.equal(problem.title, "Another connector has this description");
  assert.equal(problem.effect, "No mail is lost");
  assert.equal(problem.todo, text.problem.todoByCode["CON-CONFLICT"]);
  assert.match(problemReport(problem), /CON-CONFLICT/);
  assert.match(problemReport(problem), /req-1/);
});

test("finds what is said about a field", () => {
  assert.equal(fieldProblem(problemOf(conflict), "description"), "Another connector has this description");
  assert.equal(fieldProblem(problemOf(conflict), "type"), undefined);
  assert.equal(fieldProblem(undefined, "description"), undefined);
});

test("tells no answer, a strange answer and a fault of the console apart", () => {
  const table: [unknown, string][] = [
    [new TypeError("Failed to fetch"), "CONSOLE-OFFLINE"],
    [new TypeError("NetworkError when attempting to fetch resource."), "CONSOLE-OFFLINE"],
    [new TypeError("Load failed"), "CONSOLE-OFFLINE"],
    [new SyntaxError("Unexpected token '<'"), "CONSOLE-STRANGE"],
    [new TypeError("x is undefined"), "CONSOLE-FAULT"],
    ["thrown", "CONSOLE-FAULT"],
  ];
  for (const [error, code] of table) assert.equal(problemOf(error).code, code, String(error));
});

test("says what to do also for codes it has never seen", () => {
  const strange = new ApiProblem({ ...conflict.problem, code: "NEW-CODE", status: 418 });
  assert.equal(problemOf(strange).todo, text.problem.todoElse);
});
