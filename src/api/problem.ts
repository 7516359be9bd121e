import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";
import { ConnectorConflict } from "#connector/index.ts";
import { Failure, failureFacts } from "#core/index.ts";
import { failureStatus } from "./failure-status.ts";
import type { Problem } from "./schemas/shared.ts";

/** One thing that is wrong in a request. */
export type RequestError = NonNullable<Problem["errors"]>[number];

/** A request that cannot be understood, with the places where it goes wrong: always 400. */
export class InvalidRequest extends Failure {
  readonly errors: readonly RequestError[];

  constructor(code: string, message: string, errors: readonly RequestError[]) {
    super(code, "never", message);
    this.name = "InvalidRequest";
    this.errors = errors;
  }
}

/** Seconds after which a peer may try again when the fault is ours and may pass. */
const retryAfterSeconds = 5;

/** What anybody may be told of a fault that has no public text of its own. */
const ourFault = "the server could not do this; its log says more under this trace id";

/** Anything thrown, as an RFC 9457 problem. It holds public text only: no stack, path, key or mail content. */
export function problemOf(error: unknown, traceId: string): Problem {
  const failure = asFailure(error);
  const { status, pointer } = failure instanceof InvalidRequest ? { status: 400 } : failureStatus(failure);
  // A public text that nobody wrote is the message, which may name a path. A request's own faults are its own words.
  const detail = status >= 500 && failure.publicText === failure.message ? ourFault : failure.publicText;
  const errors = errorsOf(failure, pointer, detail);
  return {
    type: `urn:muniment:problem:${failure.code.toLowerCase()}`,
    title: STATUS_CODES[status] ?? "Problem",
    status,
    detail,
    code: failure.code,
    traceId,
    effect: failure.effect,
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** Sends `problem` in place of whatever was being prepared. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  for (const name of ["repr-digest", "content-disposition", "etag"]) reply.removeHeader(name);
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="muniment"');
  if (problem.status === 503) reply.header("retry-after", retryAfterSeconds);
  // The rest of an oversized body is not worth reading, and the connection is of no use without reading it.
  if (problem.status === 413) reply.header("connection", "close");
  reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

/** Answers what is no HTTP request, or has too large a header: there is no route and no reply object for it. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const failure =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new Failure("REQUEST-HEADER-TOO-LARGE", "never", "the request's address and header are too large")
      : new Failure("REQUEST-INVALID", "never", "this is not an HTTP request");
  const problem = problemOf(failure, "none");
  const body = JSON.stringify(problem);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${problem.status} ${problem.title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nX-Trace-Id: none\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

function errorsOf(failure: Failure, pointer: string | undefined, detail: string): RequestError[] {
  if (failure instanceof InvalidRequest) return [...failure.errors];
  if (failure instanceof ConnectorConflict) return [{ pointer: `/${failure.field}`, detail }];
  return pointer === undefined ? [] : [{ pointer, detail }];
}

/** The web server's own errors carry a status; any other stranger is an internal fault. */
function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  if (statusCode === 413) return new Failure("REQUEST-TOO-LARGE", "never", "the request body is too large");
  if (statusCode === 415) {
    return new Failure("REQUEST-MEDIA-TYPE", "never", "this content type is not taken here");
  }
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 && error instanceof Error) {
    return new Failure("REQUEST-INVALID", "never", error.message);
  }
  const { message, publicText } = failureFacts(error);
  return new Failure("INTERNAL", "later", message, { publicText, cause: error });
}
