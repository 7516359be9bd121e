import { createServer, type Server, type Socket } from "node:net";
import { Failure } from "#core/index.ts";
import { Connection, type ConnectionSurroundings } from "./connection.ts";
import { type SmtpLimits, smtpLimits } from "./limits.ts";
import { replies } from "./replies.ts";

/** What a listener is given. */
export interface SmtpOptions extends Omit<ConnectionSurroundings, "limits"> {
  /** Address to listen on. */
  host: string;
  /** Port to listen on; 0 takes any free one. */
  port: number;
  /** Changes to {@link smtpLimits}. */
  limits?: Partial<SmtpLimits>;
}

/** A listener that takes mail. */
export interface SmtpListener {
  /** The address and port really listened on. */
  host: string;
  port: number;
  /**
   * Takes no new connection, lets transactions that have begun come to their end, and says 421 to everyone else.
   *
   * Resolves when every session has ended. When `signal` aborts, what is still open is cut. May be repeated.
   */
  stop(signal: AbortSignal): Promise<void>;
}

/**
 * Begins to take mail by SMTP.
 *
 * @throws `SMTP-LISTEN` when the address cannot be listened on: retry later if it is taken, never otherwise
 * @see RFC 5321
 */
export async function startSmtp(options: SmtpOptions): Promise<SmtpListener> {
  const around = { ...options, limits: { ...smtpLimits, ...options.limits } };
  const connections = new Set<Connection>();
  // A peer may close its side behind the final dot and still wait for the 250.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => welcome(socket, connections, around));
  await listen(server, options);
  // A connection that could not be accepted (no file descriptors) is the sender's to repeat; the listener stays.
  server.on("error", (error) => around.log("smtp-accept-failure", { message: error.message }));
  const watching = new AbortController();
  const watched = watch(connections, around, watching.signal);
  const closed = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const { address, port } = addressOf(server);
  return {
    host: address,
    port,
    async stop(signal) {
      const hurry = () => {
        for (const connection of connections) connection.destroy();
      };
      signal.addEventListener("abort", hurry);
      server.close();
      for (const connection of connections) connection.stop();
      if (signal.aborted) hurry();
      while (connections.size > 0) await Promise.all([...connections].map((connection) => connection.ended));
      await closed;
      signal.removeEventListener("abort", hurry);
      watching.abort();
      await watched;
    },
  };
}

function welcome(socket: Socket, connections: Set<Connection>, around: ConnectionSurroundings): void {
  if (connections.size >= around.limits.connectionsMax) {
    around.log("smtp-connection-refused", { peer: peerOf(socket) });
    socket.on("error", () => {});
    socket.end(replies.connectionsMany + "\r\n", () => socket.destroy());
    return;
  }
  const connection = new Connection(socket, { address: peerOf(socket), tls: null }, around);
  connections.add(connection);
  connection.ended.then(() => connections.delete(connection));
  // Octets that came with the connection are read in the next turn of the event loop; the greeting waits for that turn
  // and not for a time, so early talkers are found out and nobody else is slowed.
  setImmediate(() => setImmediate(() => connection.greet()));
}

/** One timer for all sessions: deadlines are minutes, so a look at each every second is exact enough. */
async function watch(
  connections: Set<Connection>,
  { clock }: ConnectionSurroundings,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(deadlineCheckMs, signal);
    const elapsedMs = clock.elapsedMs();
    for (const connection of connections) connection.expire(elapsedMs);
  }
}

const deadlineCheckMs = 1_000;

function listen(server: Server, { host, port }: SmtpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const retry = error.code === "EADDRINUSE" ? "later" : "never";
      reject(new Failure("SMTP-LISTEN", retry, `cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
    };
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve();
    });
  });
}

function addressOf(server: Server): { address: string; port: number } {
  const found = server.address();
  if (found === null || typeof found === "string") throw new Failure("INTERNAL", "never", "listener has no address");
  return found;
}

/** `address:port`, an IPv4 peer of an IPv6 listener in its own spelling, IPv6 in brackets. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  const address = (remoteAddress ?? "unknown").replace(/^::ffff:(?=[0-9.]+$)/, "");
  return `${address.includes(":") ? `[${address}]` : address}:${remotePort ?? 0}`;
}
