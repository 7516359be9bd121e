import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import {
  type Certificate,
  type PeerRefusal,
  readCertificate,
  type SmtpLimits,
  type SmtpListener,
  type SmtpOptions,
  startSmtp,
} from "#smtp/index.ts";
import { MemoryIntake } from "./memory-intake.ts";
import { countingEntropy, StillClock } from "./still-clock.ts";

/** A mail server's end of a connection, which says exactly what it is told to. */
export class Peer {
  #socket: Socket;
  #received = "";
  #hasEnded = false;
  #changed = Promise.withResolvers<void>();

  /** @param from the address on loopback to come from */
  constructor(port: number, from = "127.0.0.1") {
    this.#socket = connect({ port, host: "127.0.0.1", localAddress: from, allowHalfOpen: true, noDelay: true });
    this.#listenTo(this.#socket);
  }

  #listenTo(socket: Socket): void {
    socket.on("data", (bytes: Buffer) => {
      if (socket !== this.#socket) return;
      this.#received += bytes.toString("latin1");
      this.#change();
    });
    socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        if (socket !== this.#socket) return;
        this.#hasEnded = true;
        this.#change();
      });
    }
  }

  /** Begins TLS; resolves with the client's end, or null when the other side would not. */
  async secure(options: ConnectionOptions = {}): Promise<TLSSocket | null> {
    assert.equal(this.#received, "", "nothing is left of what was said in clear");
    const plain = this.#socket;
    const secure = connectTls({ rejectUnauthorized: false, ...options, socket: plain, servername: "localhost" });
    plain.removeAllListeners("data");
    this.#socket = secure;
    this.#listenTo(secure);
    return new Promise((resolve) => {
      secure.once("secureConnect", () => resolve(secure));
      secure.once("close", () => resolve(null));
      plain.once("close", () => secure.destroy());
    });
  }

  /** Sends in one write; before the connection stands, it goes out as soon as it does. */
  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next line without its CRLF, or null when the other side has closed. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#received.indexOf("\r\n");
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        return line;
      }
      if (this.#hasEnded) return null;
      await this.#changed.promise;
    }
  }

  /** The next reply, all its lines joined by CRLF, or null when the other side has closed. */
  async reply(): Promise<string | null> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === null) return null;
      lines.push(line);
      if (line[3] !== "-") return lines.join("\r\n");
    }
  }

  /** Everything up to the other side's close. */
  async rest(): Promise<string> {
    while (!this.#hasEnded) await this.#changed.promise;
    return this.#received;
  }

  /** Closes our side and goes on listening. */
  hangUp(): void {
    this.#socket.end();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#socket.destroy();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** A real listener on loopback and all that surrounds it. */
export interface Stage {
  listener: SmtpListener;
  intake: MemoryIntake;
  clock: StillClock;
  /** Fields of the log lines by event. */
  logged: { event: string; fields: Readonly<Record<string, unknown>> }[];
  /** Everything that was answered 5xx. */
  refusals: PeerRefusal[];
  /** Opens a connection from an address on loopback, which is cut when the stage is taken down. */
  peer(from?: string): Peer;
}

/** A PEM file of `fixtures/tls`. */
export function tlsFile(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
}

/** A server's certificate of `fixtures/tls`. */
export function testCertificate(name: "first" | "second" = "first"): Certificate {
  return readCertificate(tlsFile(`${name}-cert`), tlsFile(`${name}-key`));
}

/** Runs `play` against a fresh listener, takes it down, and checks that no item and no session was left open. */
export async function onStage(
  limits: Partial<SmtpLimits>,
  play: (stage: Stage) => Promise<void>,
  more: Partial<SmtpOptions> = {},
): Promise<Stage> {
  const refusals: PeerRefusal[] = [];
  const intake = new MemoryIntake();
  const clock = new StillClock();
  const logged: Stage["logged"] = [];
  const listener = await startSmtp({
    host: "127.0.0.1",
    port: 0,
    hostname: "archive.test",
    intake,
    clock,
    entropy: countingEntropy(),
    log: (event, fields) => logged.push({ event, fields }),
    limits,
    refused: (refusal) => refusals.push(refusal),
    ...more,
  });
  const peers: Peer[] = [];
  const stage: Stage = {
    listener,
    intake,
    clock,
    logged,
    refusals,
    peer(from) {
      const peer = new Peer(listener.port, from);
      peers.push(peer);
      return peer;
    },
  };
  try {
    await play(stage);
  } finally {
    for (const peer of peers) peer.drop();
    await listener.stop(new AbortController().signal);
  }
  assert.equal(intake.unfinished, 0, "an item was left neither committed nor abandoned");
  assert.deepEqual(
    logged.filter(({ event }) => event === "smtp-fault"),
    [],
    "a session broke",
  );
  return stage;
}
