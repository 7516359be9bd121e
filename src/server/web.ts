import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { Failure } from "#core/index.ts";

/** A host and port to listen on; port 0 takes any free one. */
export interface Address {
  host: string;
  port: number;
}

/** Requests that came through the Unix socket, which only this machine's administrator can open. */
export class LocalRequests {
  readonly #local = new WeakSet<object>();

  mark(request: IncomingMessage): void {
    this.#local.add(request);
  }

  isLocal(request: IncomingMessage): boolean {
    return this.#local.has(request);
  }
}

/** Something that listens. */
export interface WebListener {
  /** `host:port` really listened on; the path for a Unix socket. */
  at: string;
  close(): Promise<void>;
}

function closing(server: Server): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
}

function listening(server: Server, begin: () => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Failure("HTTP-LISTEN", "later", `cannot listen on ${what}: ${error.message}`, { cause: error })),
    );
    server.once("listening", () => resolve());
    begin();
  });
}

/**
 * Longest that a request may take to come in, in ms: a mailbox of many gigabytes over a slow line. Its header has a minute, and
 * who may not upload is turned away at its end.
 */
const requestMsMax = 6 * 3_600_000;
const patience = { requestTimeout: requestMsMax, headersTimeout: 60_000 };

/** Serves the API and the console on a TCP address. */
export async function listenHttp(app: FastifyInstance, { host, port }: Address): Promise<WebListener> {
  const server = createServer(patience, (request, response) => app.routing(request, response));
  await listening(server, () => server.listen(port, host), `${host}:${port}`);
  const address = server.address() as AddressInfo;
  return { at: `${host.includes(":") ? `[${host}]` : host}:${address.port}`, close: closing(server) };
}

/** Serves the API on a Unix socket for the command line; its requests are the local administrator's. */
export async function listenSocket(app: FastifyInstance, path: string, local: LocalRequests): Promise<WebListener> {
  // The folder's lock is ours, so a socket that is still there was left by a process that is gone.
  rmSync(path, { force: true });
  const server = createServer(patience, (request, response) => {
    local.mark(request);
    app.routing(request, response);
  });
  await listening(server, () => server.listen(path), path);
  chmodSync(path, 0o600);
  return { at: path, close: closing(server) };
}
