/** When the same call may be made again with hope: at once, after a while, or not without a change. */
export type Retry = "now" | "later" | "never";

/**
 * A broken promise: what could not be done, whether trying again helps, and a code that documentation explains.
 *
 * Expected outcomes are unions, not failures. `message` is for our own log; `publicText` may be shown to a peer or a
 * browser, so it names no path, key or mail content. Codes are upper case with hyphens (`SPOOL-FULL`).
 */
export class Failure extends Error {
  readonly code: string;
  readonly retry: Retry;
  readonly publicText: string;
  /** Whether mail is in danger: almost always "no mail is lost", said so because people ask that first. */
  readonly effect: string;

  constructor(
    code: string,
    retry: Retry,
    message: string,
    more: { publicText?: string; effect?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "Failure";
    this.code = code;
    this.retry = retry;
    this.publicText = more.publicText ?? message;
    this.effect = more.effect ?? "no mail is lost";
  }
}

/** A failure as plain data, to cross a thread or a socket. */
export interface FailureFacts {
  code: string;
  retry: Retry;
  message: string;
  publicText: string;
  effect: string;
}

/** Whether `error` is a {@link Failure}, optionally one with this code. */
export function isFailure(error: unknown, code?: string): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}

/** Any thrown thing as plain data; what is not a Failure becomes `INTERNAL`, retry later. */
export function failureFacts(error: unknown): FailureFacts {
  if (error instanceof Failure) {
    const { code, retry, message, publicText, effect } = error;
    return { code, retry, message, publicText, effect };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "INTERNAL", retry: "later", message, publicText: "internal fault", effect: "no mail is lost" };
}

/** The failure that {@link failureFacts} described. */
export function failureFrom(facts: FailureFacts): Failure {
  return new Failure(facts.code, facts.retry, facts.message, { publicText: facts.publicText, effect: facts.effect });
}

/** Throws `INTERNAL` when `truth` does not hold: a fault of ours, never of the mail. */
export function must(truth: unknown, claim: string): asserts truth {
  if (!truth) throw new Failure("INTERNAL", "never", `broken invariant: ${claim}`);
}
