import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import type { Instant } from "#core/index.ts";
import { type DemoCertificate, makeDemoCertificates } from "./certificates.ts";
import { type Box, talkPop3 } from "./mailbox-talk.ts";

/** What can be wrong with the demo's mailbox, in the order in which it breaks. */
export const demoFaults = ["wrong password", "expired certificate", "locked mailbox", "server gone"] as const;

/** One of {@link demoFaults}. */
export type DemoFault = (typeof demoFaults)[number];

/** A small POP3 server on loopback, under TLS, that can be broken. */
export interface DemoMailbox {
  /** The authority that its certificate is from, in PEM. */
  authority: string;
  host: string;
  port: number;
  user: string;
  password: string;
  /** What is wrong now; null when nothing is. */
  readonly fault: DemoFault | null;
  /** Messages in the mailbox. */
  readonly count: number;
  put(bytes: Uint8Array): void;
  /** Breaks it in the next way, and mends what was broken before. */
  break(): Promise<DemoFault>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function openDemoMailbox(now: Instant): Promise<DemoMailbox> {
  const certificates = makeDemoCertificates(now);
  const [user, password] = ["journal@harbour.example", "demo-mailbox"];
  let fault: DemoFault | null = null;
  let broken = 0;
  let count = 0;
  const box: Box = {
    messages: [],
    refusal: (login, secret) => {
      if (login !== user || secret !== password || fault === "wrong password")
        return "[AUTH] wrong user name or password";
      return fault === "locked mailbox" ? "[IN-USE] the mailbox is open in another program" : null;
    },
  };
  let door = await openDoor(certificates.good, 0, box);
  const { port } = door;

  async function set(next: DemoFault | null): Promise<void> {
    fault = next;
    await door.close();
    const certificate = next === "expired certificate" ? certificates.expired : certificates.good;
    if (next !== "server gone") door = await openDoor(certificate, port, box);
  }

  return {
    ...{ authority: certificates.authority, host: "localhost", port, user, password },
    get fault() {
      return fault;
    },
    get count() {
      return box.messages.length;
    },
    put: (bytes) => {
      count += 1;
      box.messages.push({ uidl: `demo-${count}`, bytes: Buffer.from(bytes) });
    },
    async break() {
      const next = demoFaults[broken % demoFaults.length]!;
      broken += 1;
      await set(next);
      return next;
    },
    mend: () => set(null),
    close: () => door.close(),
  };
}

/** A listener under one certificate. Closing it cuts who is connected, and may be repeated. */
async function openDoor(
  certificate: DemoCertificate,
  port: number,
  box: Box,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ cert: certificate.cert, key: certificate.key }, (socket) =>
    talkPop3(socket, box),
  );
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Whoever does not trust us hangs up during the handshake.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  let closing: Promise<void> | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closing;
    },
  };
}
