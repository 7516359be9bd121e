import { createServer, type Server, type Socket } from "node:net";
import { Failure, must } from "#core/index.ts";
import { addressAndPort, addressRanges, plainAddress } from "./address-ranges.ts";
import { Connection, type ConnectionSurroundings } from "./connection.ts";
import { Crowd, type Crowding, type Place } from "./crowd.ts";
import { type SmtpLimits, smtpLimits } from "./limits.ts";
import { receiveProxyHeader } from "./proxied.ts";
import { replies } from "./replies.ts";
import { sparingLog } from "./sparing-log.ts";

/** What a listener is given. */
export interface SmtpOptions extends Omit<ConnectionSurroundings, "limits"> {
  /** Address to listen on. */
  host: string;
  /** Port to listen on; 0 takes any free one. */
  port: number;
  /** Changes to {@link smtpLimits}. */
  limits?: Partial<SmtpLimits>;
  /** Whether TLS comes before the greeting (RFC 8314 §3.3) and not with STARTTLS; needs a certificate. */
  isTlsFirst?: boolean;
  /** Ranges of the proxies whose PROXY header is believed and demanded. Nobody else may send one. */
  proxies?: readonly string[];
  /** Whether journal mail is expected from this address, so that no flood of others may crowd it out. No I/O. */
  isPreferred?: (address: string) => boolean;
  /** Counts connections together with other listeners that were given the same. */
  crowd?: Crowd;
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
 * @throws `SMTP-LISTEN` when the address cannot be listened on: retry later if it is taken, never otherwise;
 *   `ADDRESS-RANGE` when a range of proxies is none
 * @see RFC 5321
 */
export async function startSmtp(options: SmtpOptions): Promise<SmtpListener> {
  const limits = { ...smtpLimits, ...options.limits };
  const around = { ...options, limits };
  must(options.isTlsFirst !== true || options.certificate !== undefined, "TLS is done with a certificate");
  const stopping = new AbortController();
  const hall: Hall = {
    around,
    proxies: addressRanges(options.proxies ?? []),
    crowd: options.crowd ?? new Crowd(limits, options.isPreferred),
    connections: new Set(),
    approaching: new Set(),
    stopping: stopping.signal,
    turnedAway: sparingLog("smtp-connection-refused", around),
  };
  const { connections, approaching } = hall;
  // A peer may close its side behind the final dot and still wait for the 250.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => welcome(socket, hall));
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
      stopping.abort();
      await Promise.all(approaching);
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

/** What all connections of a listener pass through. */
interface Hall {
  around: ConnectionSurroundings & Pick<SmtpOptions, "isTlsFirst">;
  proxies: { has(address: string): boolean };
  crowd: Crowd;
  connections: Set<Connection>;
  /** Connections whose proxy has not said yet whom it speaks for. */
  approaching: Set<Promise<void>>;
  stopping: AbortSignal;
  turnedAway(fields: { peer: string; reason: string }): void;
}

function welcome(socket: Socket, hall: Hall): void {
  const { proxies, crowd, approaching } = hall;
  const address = plainAddress(socket.remoteAddress ?? "unknown");
  const peer = addressAndPort(address, socket.remotePort ?? 0);
  const place = crowd.enter();
  if (place === null) {
    turnAway(socket, peer, "all", hall);
    return;
  }
  socket.once("close", place.leave);
  if (!proxies.has(address)) {
    admit(socket, place, { address, peer, proxy: null }, hall);
    return;
  }
  const approach = admitProxied(socket, place, { address, peer }, hall).finally(() => approaching.delete(approach));
  approaching.add(approach);
}

/** Whose connection it is, and through which proxy. */
interface Guest {
  address: string;
  /** `address:port`. */
  peer: string;
  proxy: string | null;
}

async function admitProxied(
  socket: Socket,
  place: Place,
  proxy: { address: string; peer: string },
  hall: Hall,
): Promise<void> {
  const received = await receiveProxyHeader(socket, hall.around, hall.stopping);
  if (received.kind === "header") {
    const { source } = received;
    const address = source?.address ?? proxy.address;
    const peer = source === null ? proxy.peer : addressAndPort(source.address, source.port);
    admit(socket, place, { address, peer, proxy: proxy.peer }, hall);
    return;
  }
  if (received.kind === "malformed") hall.turnedAway({ peer: proxy.peer, reason: `proxy header: ${received.reason}` });
  socket.destroy();
}

function admit(socket: Socket, place: Place, { address, peer, proxy }: Guest, hall: Hall): void {
  const { around, connections } = hall;
  const crowding = place.claim(address);
  if (crowding !== null) {
    turnAway(socket, peer, crowding, hall);
    return;
  }
  const connection = new Connection(
    socket,
    { address: peer, proxy },
    around,
    around.isTlsFirst ? "at once" : "on demand",
  );
  connections.add(connection);
  connection.ended.then(() => connections.delete(connection));
  // Octets that came with the connection are read in the next turn of the event loop; the greeting waits for that turn
  // and not for a time, so early talkers are found out and nobody else is slowed.
  setImmediate(() => setImmediate(() => connection.greet()));
}

/** Where TLS comes first there is nothing to be said in clear. */
function turnAway(socket: Socket, peer: string, crowding: Crowding, { around, turnedAway }: Hall): void {
  turnedAway({ peer, reason: crowdings[crowding] });
  socket.on("error", () => {});
  if (around.isTlsFirst) socket.destroy();
  else socket.end(replies.connectionsMany + "\r\n", () => socket.destroy());
}

const crowdings: Readonly<Record<Crowding, string>> = {
  all: "too many connections",
  others: "too many connections from addresses that no mail is expected from",
  address: "too many connections from this address",
};

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
    server.listen({ port, host, backlog: backlogConnections }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}

/** Connections that may wait to be accepted; Node.js asks for 511, fewer than a morning's burst of senders. */
const backlogConnections = 4_096;

function addressOf(server: Server): { address: string; port: number } {
  const found = server.address();
  if (found === null || typeof found === "string") throw new Failure("INTERNAL", "never", "listener has no address");
  return found;
}
