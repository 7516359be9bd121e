import { Failure, failureFacts } from "#core/index.ts";

/** What went wrong, as the API tells it (RFC 9457) and as `--json` prints it. */
export interface Problem {
  type: string;
  title: string;
  /** The HTTP status, or 0 when the fault is this side of the API. */
  status: number;
  detail: string;
  code: string;
  traceId?: string;
  effect: string;
  errors?: { pointer?: string; column?: number; detail: string; suggestion?: string }[];
}

/** A problem that the API answered. */
export class ProblemFailure extends Failure {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code, problem.status === 503 || problem.status === 429 ? "later" : "never", problem.detail, {
      effect: problem.effect,
    });
    this.name = "ProblemFailure";
    this.problem = problem;
  }
}

/** The command was given in a way that cannot be understood: exit 2. */
export function usageFailure(message: string, code: "USAGE" | "SETTING-INVALID" = "USAGE"): Failure {
  return new Failure(code, "never", message, { effect: "nothing was done" });
}

/** Anything thrown, as a problem to print. The terminal is the operator's own, so it gets the full message. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemFailure) return error.problem;
  const { code, message, effect } = failureFacts(error);
  return {
    type: `urn:muniment:problem:${code.toLowerCase()}`,
    title: "Failed",
    status: 0,
    detail: message,
    code,
    effect,
  };
}

/** A problem for people: what happened · effect · what to do · code. */
export function problemText(problem: Problem): string {
  const { detail, effect, code } = problem;
  const reasons = (problem.errors ?? []).map((one) => one.detail).filter((reason) => reason !== detail);
  const what = reasons.length === 0 ? detail : `${detail}: ${reasons.join("; ")}`;
  return [what, effect, remedyOf(problem), code].filter((part) => part !== "").join(" · ");
}

function remedyOf({ code, status, errors, traceId }: Problem): string {
  const suggestions = (errors ?? []).flatMap((one) => (one.suggestion === undefined ? [] : [one.suggestion]));
  if (suggestions.length > 0) return `did you mean ${suggestions.join(", ")}?`;
  const known = remedies[code];
  if (known !== undefined) return known;
  if (status === 503 || status === 429) return "try again later";
  return status >= 500 ? `the server's log says more under ${traceId}` : "";
}

const remedies: Readonly<Record<string, string>> = {
  USAGE: "see muniment help",
  "ARCHIVE-MISSING": "create one with muniment init, or name its folder with --data",
  "ARCHIVE-LOCKED": "wait for the other process, or stop it",
  "KEY-FILE-MISSING": "restore keys/keyring.json from its copy or with muniment restore; see docs/operations/keys.md",
  "PASSPHRASE-WRONG":
    "name the right passphrase with --passphrase-file, or use the recovery kit: muniment keys recover",
  "PASSPHRASE-UNREADABLE": "name a file that this user may read with --passphrase-file",
  "PASSPHRASE-EMPTY": "write the passphrase into the file's first line",
  "KEY-WRONG": "put the pack back where it came from, or restore the key file it was written with",
  "KEY-MISSING": "restore the newest copy of keys/keyring.json",
  "KEY-DAMAGED": "restore keys/keyring.json from its copy",
  "KEY-VERSION": "install the newer muniment",
  "KEY-UNREADABLE": "run the command as the user the archive belongs to, or give that user the file: mode 0600",
  "KEY-UNPROVED": "check the disk, then run the same command again",
  "PACK-MISPLACED": "put the pack back where it came from",
  "PACK-VERSION": "install the newer muniment",
  "KIT-UNREADABLE": "compare that line with the paper and type the four lines again",
  "KIT-WRONG": "find the kit whose name muniment keys list shows",
  "KIT-MISSING": "make one with muniment keys recovery-kit",
  "KIT-EXISTS": "prove it with muniment keys test-recovery, or make it worthless with --replace",
  "TENANT-UNSTATED": "name the tenant with --tenant",
  "IMPORT-UNKNOWN": "run the same import again; nothing is added twice",
  "SERVER-STOPPING": "run the same command again",
  "SPOOL-FULL": "run the same command again later",
  "DISK-FULL": "make room on the archive's disk",
  "PACK-DAMAGED": "run muniment verify and restore the pack from a backup",
  "BACKUP-PLACE": "name a folder that is new, empty or a backup of this archive",
  "BACKUP-OTHER": "name a folder of its own for each installation",
  "BACKUP-DAMAGED": "use another copy of this backup",
  "RESTORE-TARGET": "name a new folder with --data",
  "BYTES-CUT": "try again, and run muniment verify if it happens again",
  "BYTES-DIFFER": "run muniment verify",
};
