import type { Instant } from "#core/index.ts";
import type { TranscriptLine } from "#pop3/index.ts";

/** Grades from best to worst. */
export const grades = ["A", "B", "C", "D", "F"] as const;

/** How good a connector is, as a school would say it. */
export type Grade = (typeof grades)[number];

/** The steps of a mailbox in order, and after them those of a connector that mail is pushed to. */
export const mailboxSteps = [
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
] as const;

/** A step of a test. */
export type StepName = (typeof mailboxSteps)[number] | "listener" | "certificate" | "sources" | "peers" | "canary";

/** What a step found. */
export interface Finding {
  /** `warned`: it works, and could be better. */
  state: "passed" | "warned" | "failed";
  /** The best grade that is possible with it. */
  grade: Grade;
  /** What was seen, in words without secrets and without content of mail. */
  evidence: string[];
  /** What that means and what to do; empty where nothing is to be done. */
  meaning: string;
  fix: string;
}

/** One step as it is told. */
export interface StepReport extends Omit<Finding, "state"> {
  name: StepName;
  /** Its place in the table of steps, from 1. */
  number: number;
  state: Finding["state"] | "not-run";
  /** Passed, perhaps with a warning. */
  ok: boolean;
  ms: number;
}

/** What a later test is compared with. */
export interface TestFacts {
  /** Of the connector's settings. */
  version: number;
  addresses: string[];
  certificate: string | null;
  banner: string | null;
  capabilities: string[];
  messages: number | null;
}

/** A whole test. It may be shown to anyone: there is no secret in it, and nothing out of mail. */
export interface TestReport {
  at: Instant;
  ms: number;
  grade: Grade;
  /** Every step passed or warned. */
  passed: boolean;
  steps: StepReport[];
  /** What differs from the last test that passed; empty also when there was none. */
  changed: string[];
  /** When that test was; null when none ever passed. */
  comparedWith: Instant | null;
  /** Messages that were deleted: none, ever. */
  deleted: 0;
  facts: TestFacts;
  /** What to write to those who run the mail server; empty when nothing is to be done. */
  letter: string;
  transcript: TranscriptLine[];
}

/** A step that found nothing wrong. */
export function passed(...evidence: string[]): Finding {
  return { state: "passed", grade: "A", evidence, meaning: "", fix: "" };
}

/** A step that works and could be better. */
export function warned(grade: Grade, evidence: string[], meaning: string, fix: string): Finding {
  return { state: "warned", grade, evidence, meaning, fix };
}

/** A step that failed; F unless less depends on it. */
export function failed(evidence: string[], meaning: string, fix: string, grade: Grade = "F"): Finding {
  return { state: "failed", grade, evidence, meaning, fix };
}

/** A finding as a step that took so long. */
export function stepOf(name: StepName, number: number, ms: number, finding: Finding): StepReport {
  return { name, number, ms: Math.max(0, Math.round(ms)), ok: finding.state !== "failed", ...finding };
}

/** A step that could not be tried. */
export function notRun(name: StepName, number: number, why: string): StepReport {
  return { name, number, state: "not-run", ok: false, ms: 0, grade: "F", evidence: [why], meaning: "", fix: "" };
}

/** The worst of the steps' grades. */
export function gradeOf(steps: readonly StepReport[]): Grade {
  return grades[Math.max(0, ...steps.map(({ grade }) => grades.indexOf(grade)))] ?? "F";
}

/** What to write to the other team: what fails, what it means and what is asked of them. */
export function letterOf(place: string, at: Instant, steps: readonly StepReport[]): string {
  const wrong = steps.filter(({ state }) => state === "failed" || state === "warned");
  if (wrong.length === 0) return "";
  const paragraphs = wrong.map(({ name, evidence, meaning, fix }) =>
    [`${name}: ${evidence.join("; ")}.`, meaning, fix === "" ? "" : `Please: ${fix}`].filter(Boolean).join("\n"),
  );
  const opening = `We fetch journal mail from ${place}. A test at ${new Date(at).toISOString()} found:`;
  return [opening, ...paragraphs, "Nothing was deleted or changed by the test."].join("\n\n");
}

/** What differs between two tests, in words. */
export function changesSince(before: TestFacts, now: TestFacts): string[] {
  const changes: string[] = [];
  const compare = (what: string, old: string | null, fresh: string | null) => {
    if (old !== null && fresh !== null && old !== fresh) changes.push(`${what}: ${old} → ${fresh}`);
  };
  compare("our settings", `version ${before.version}`, `version ${now.version}`);
  compare("DNS answer", listText(before.addresses), listText(now.addresses));
  compare("certificate", before.certificate, now.certificate);
  compare("banner", before.banner, now.banner);
  compare("capabilities", listText(before.capabilities), listText(now.capabilities));
  const text = (messages: number | null) => (messages === null ? null : `${messages} messages`);
  compare("mailbox", text(before.messages), text(now.messages));
  return changes;
}

function listText(list: readonly string[]): string | null {
  return list.length === 0 ? null : [...list].sort().join(", ");
}
