import { type Static, Type } from "typebox";
import { TranscriptLine } from "./mailbox.ts";
import { Count, listOf, named, oneOf, orNull, Problem, Time } from "./shared.ts";

const grade = oneOf(["A", "B", "C", "D", "F"]);

const TestStep = named("TestStep", {
  name: oneOf([
    "dns",
    "tcp",
    "tls",
    "greeting",
    "login",
    "list",
    "sample",
    "type",
    "age",
    "delete",
    "write",
    "listener",
    "certificate",
    "sources",
    "peers",
    "canary",
  ]),
  number: Type.Integer({ minimum: 1, description: "place in the table of steps" }),
  state: oneOf(["passed", "warned", "failed", "not-run"]),
  ok: Type.Boolean({ description: "passed, perhaps with a warning" }),
  ms: Count,
  grade,
  evidence: Type.Array(Type.String({ description: "without secrets and without a word of any message" })),
  meaning: Type.String(),
  fix: Type.String(),
});

export const ExtractionTest = named("ExtractionTest", {
  at: Time,
  ms: Count,
  grade,
  passed: Type.Boolean(),
  steps: Type.Array(TestStep),
  changed: Type.Array(Type.String(), { description: "what differs from the last test that passed" }),
  comparedWith: orNull(Time),
  deleted: Type.Integer({ description: "always 0" }),
  letter: Type.String({ description: "what to write to those who run the mail server" }),
  transcript: Type.Array(TranscriptLine),
});
export type ExtractionTest = Static<typeof ExtractionTest>;

export const ExtractionTestList = listOf("ExtractionTestList", ExtractionTest);

export const TestQuery = Type.Object({
  waitSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 900,
      description: "wait so long for a test mail from outside; for connectors that mail is pushed to",
    }),
  ),
});

const TestCanary = named("TestCanary", {
  word: Type.String({ description: "is to stand in the subject of the test mail" }),
  address: Type.String({ description: "the journal address" }),
  seconds: Type.Integer({ description: "how long it is waited for" }),
});

/** One line of a test: any number of `step`, one `canary` when a test mail is waited for, then one `result` or one `problem`. */
export const ExtractionTestLine = Type.Union(
  [
    named("ExtractionTestStepLine", { step: TestStep }),
    named("ExtractionTestCanaryLine", { canary: TestCanary }),
    named("ExtractionTestResultLine", { result: ExtractionTest }),
    named("ExtractionTestProblemLine", { problem: Problem }),
  ],
  { title: "ExtractionTestLine" },
);
