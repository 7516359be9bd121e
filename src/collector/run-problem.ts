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

function classOf(problem: Pop3Problem): ProblemClass {
  switch (problem.kind) {
    case "token":
      return tokenClasses[problem.fault];
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

/** What the endpoint refuses is refused like a login: it is not asked again and again. */
const tokenClasses: Readonly<Record<Extract<Pop3Problem, { kind: "token" }>["fault"], ProblemClass>> = {
  unreachable: "passing",
  busy: "passing",
  "not-an-answer": "passing",
  "address-refused": "lasting",
  "port-refused": "lasting",
  tls: "lasting",
  client: "login",
  grant: "login",
  scope: "login",
  refused: "login",
};
