import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import type { Socket } from "node:net";
import { Failure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { type Problem, ProblemFailure } from "./problem.ts";

/** A body that comes down as it is. */
export interface Download {
  /** Length that the server announced, in bytes. */
  length: number;
  /** SHA-256 that the server announced, as hexadecimal; null when it did not. */
  sha256: string | null;
  body: Bytes;
}

/** The HTTP API under `/api/v1`, spoken over the archive's Unix socket. Answers that are problems are thrown. */
export interface Client {
  get<T>(path: string): Promise<T>;
  send<T>(method: "POST" | "PATCH" | "DELETE", path: string, body?: object, headers?: OutgoingHttpHeaders): Promise<T>;
  /** Sends `length` bytes of mail. Not called off by an interrupt: what was begun is finished. */
  upload<T>(path: string, body: Bytes, length: number): Promise<T>;
  download(path: string): Promise<Download>;
  /** Begins a long work and yields its JSON lines. */
  lines<T>(path: string, body?: object): AsyncIterable<T>;
  close(): void;
}

/** Whom a client talks to, and for how long. */
export interface ClientOptions {
  /** Path of the Unix socket. */
  address: string;
  tenant: string | null;
  /** Calls off what waits. */
  signal: AbortSignal;
  /** Called when nobody listens; resolves when somebody does. */
  reach(): Promise<void>;
}

/** Connections in use at once: more than any command keeps busy. */
const connectionsMax = 32;
/** Longest JSON answer and problem that is held, in bytes. */
const answerBytesMax = 64 * 1024 * 1024;
/** Longest line of a long work, in characters: its result names every damaged message. */
const lineCharactersMax = answerBytesMax;

/** A client that connects on first use. Close it when done. */
export function createClient(options: ClientOptions): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  const exchange = (call: Call) => exchanged(options, agent, call);
  const { signal } = options;
  return {
    async get<T>(path: string) {
      return jsonOf<T>(await exchange({ method: "GET", path, headers: {}, body: null, signal }));
    },
    async send<T>(method: Call["method"], path: string, body?: object, headers: OutgoingHttpHeaders = {}) {
      const said = jsonBody(body);
      return jsonOf<T>(await exchange({ method, path, signal, ...said, headers: { ...headers, ...said.headers } }));
    },
    async upload<T>(path: string, body: Bytes, length: number) {
      const headers = { "content-type": "message/rfc822", "content-length": length };
      return jsonOf<T>(await exchange({ method: "POST", path, headers, body, signal: null }));
    },
    async download(path) {
      const response = await exchange({ method: "GET", path, headers: {}, body: null, signal });
      return {
        length: Number(response.headers["content-length"]),
        sha256: digestOf(String(response.headers["repr-digest"] ?? "")),
        body: response,
      };
    },
    async *lines<T>(path: string, body?: object) {
      const response = await exchange({ method: "POST", path, signal, ...jsonBody(body) });
      yield* linesOf<T>(response);
    },
    close: () => agent.destroy(),
  };
}

interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/v1`. */
  path: string;
  headers: OutgoingHttpHeaders;
  body: Bytes | string | null;
  signal: AbortSignal | null;
}

function jsonBody(body: object | undefined): Pick<Call, "headers" | "body"> {
  if (body === undefined) return { headers: {}, body: null };
  const text = JSON.stringify(body);
  return { headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) }, body: text };
}

/** Attempts at a request that did not reach a server: a stale connection, then a server that is gone, then the next one. */
const attemptsMax = 3;

/** The response to `call`, tried again where that cannot do a thing twice. */
async function exchanged(options: ClientOptions, agent: Agent, call: Call): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await accepted(await attempted(options, agent, call));
    } catch (error) {
      if (options.signal.aborted && call.signal !== null) throw interrupted();
      if (!(error instanceof NotSent)) throw error;
      if (attempt === attemptsMax) throw gone(error.cause);
      if (error.isUnreachable) await options.reach();
    }
  }
}

function gone(cause: unknown): Failure {
  return new Failure("SERVER-STOPPING", "later", "the server went away before it answered", { cause });
}

/** The command was called off by a signal: exit 130. */
export function interrupted(message = "interrupted"): Failure {
  return new Failure("INTERRUPTED", "later", message);
}

/** The request did not reach a server: nothing of it was done. */
class NotSent extends Error {
  readonly isUnreachable: boolean;

  constructor(isUnreachable: boolean, cause: unknown) {
    super("request not sent", { cause });
    this.isUnreachable = isUnreachable;
  }
}

async function attempted({ address, tenant }: ClientOptions, agent: Agent, call: Call): Promise<IncomingMessage> {
  const { method, path, body, signal } = call;
  const sent = request({
    agent,
    socketPath: address,
    method,
    path: "/api/v1" + path,
    headers: { ...call.headers, ...(tenant === null ? {} : { "x-muniment-tenant": tenant }) },
    ...(signal === null ? {} : { signal }),
  });
  const answer = Promise.withResolvers<IncomingMessage>();
  answer.promise.catch(() => undefined);
  sent.on("response", answer.resolve);
  sent.on("error", (error: NodeJS.ErrnoException) => answer.reject(sendFault(error, sent, method)));
  if (body === null || typeof body === "string") sent.end(body ?? undefined);
  else await bodyWritten(sent, body, answer.promise);
  return await answer.promise;
}

function sendFault(error: NodeJS.ErrnoException, sent: ClientRequest, method: string): Error {
  const { code } = error;
  if (code === "ENOENT" || code === "ECONNREFUSED") return new NotSent(true, error);
  if (method === "GET" && sent.reusedSocket && (code === "ECONNRESET" || code === "EPIPE"))
    return new NotSent(false, error);
  if (code === "ECONNRESET" || code === "EPIPE") {
    return gone(error);
  }
  return error;
}

/** Writes `body` once a server is there, so that a body that passes by once is not spent on nobody. */
async function bodyWritten(sent: ClientRequest, body: Bytes, answer: Promise<IncomingMessage>): Promise<void> {
  let isAnswered = false;
  const ended = answer.then(
    () => {
      isAnswered = true;
    },
    () => {
      isAnswered = true;
    },
  );
  await Promise.race([connected(sent), ended]);
  if (isAnswered) return;
  try {
    for await (const piece of body) {
      if (isAnswered) break;
      if (!sent.write(piece)) await Promise.race([once(sent, "drain").catch(() => undefined), ended]);
    }
    if (isAnswered) void answer.then((response) => response.once("close", () => sent.destroy()));
    else sent.end();
  } catch (error) {
    sent.destroy();
    throw error;
  }
}

async function connected(sent: ClientRequest): Promise<void> {
  sent.flushHeaders();
  const socket = sent.socket ?? (await new Promise<Socket>((resolve) => sent.once("socket", resolve)));
  if (socket.connecting) await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
}

async function accepted(response: IncomingMessage): Promise<IncomingMessage> {
  const status = response.statusCode ?? 0;
  if (status < 400) return response;
  const text = await textOf(response);
  const isProblem = String(response.headers["content-type"]).startsWith("application/problem+json");
  if (isProblem) throw new ProblemFailure(JSON.parse(text) as Problem);
  throw new Failure("SERVER-ANSWER", "later", `the server answered ${status} without saying why`);
}

async function jsonOf<T>(response: IncomingMessage): Promise<T> {
  const text = await textOf(response);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > answerBytesMax) throw new Failure("SERVER-ANSWER", "never", "the server's answer is too long");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

async function* linesOf<T>(response: IncomingMessage): AsyncIterable<T> {
  let rest = "";
  response.setEncoding("utf8");
  for await (const piece of response as AsyncIterable<string>) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineCharactersMax) throw new Failure("SERVER-ANSWER", "never", "the server's answer is too long");
    for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
  }
  if (rest !== "") yield JSON.parse(rest) as T;
}

/** The SHA-256 of an RFC 9530 digest field, as hexadecimal. */
function digestOf(field: string): string | null {
  const [, encoded] = /(?:^|[,\s])sha-256=:([A-Za-z0-9+/=]+):/.exec(field) ?? [];
  return encoded === undefined ? null : Buffer.from(encoded, "base64").toString("hex");
}
