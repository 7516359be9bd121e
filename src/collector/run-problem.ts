import { type DrainResult, Pop3Failure, type Pop3Problem } from "#pop3/index.ts";
import type { ProblemClass, RunFacts } from "./run-facts.ts";

/** What a drain's problem means for the next one, in words. */
export function runProblemOf(problem: DrainResult["problem"]): RunFacts["problem"] {
  if (problem === null) return null;
  switch (problem.kind) {
    case "server": {
      const { code, message } = new Pop3Failure(problem.problem);
      return { code, class: classOf(problem.problem), words: message };
    }
    case "spool":
      return { code: problem.code, class: "ours", words: `mail cannot be taken in here: ${problem.message}` };
    case "keep-needs-ids":
      return {
        code: "COLLECT-KEEP-NEEDS-IDS",
        class: "lasting",
        words: "the server gives no unique ids, so mail cannot stay on it without being fetched again each time",
      };
    case "archive-slow":
      return {
        code: "COLLECT-ARCHIVE-SLOW",
        class: "ours",
        words: `${problem.waiting} messages were taken and are not archived yet; they are deleted from the mailbox later`,
      };
    case "stopped":
      return { code: "COLLECT-STOPPED", class: "called-off", words: "the run was called off" };
  }
}

function classOf({ kind }: Pop3Problem): ProblemClass {
  switch (kind) {
    case "auth":
      return "login";
    case "address-refused":
    case "no-such-host":
    case "tls":
    case "stls":
    case "secret-withheld":
    case "no-mechanism":
    case "sys-perm":
      return "lasting";
    case "unreachable":
    case "in-use":
    case "login-delay":
    case "sys-temp":
    case "refused":
    case "protocol":
    case "timeout":
    case "lost":
      return "passing";
  }
}
