import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { type SmtpLimits, type SmtpListener, startSmtp } from "#smtp/index.ts";
import { MemoryIntake } from "./memory-intake.ts";
import { countingEntropy, StillClock } from "./still-clock.ts";

/** A mail server's end of a connection, which says exactly what it is told to. */
export class Peer {
  readonly #socket: Socket;
  #received = "";
  #hasEnded = false;
  #changed = Promise.withResolvers<void>();

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => {
      this.#received += text;
      this.#change();
    });
    this.#socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      this.#socket.on(event, () => {
        this.#hasEnded = true;
        this.#change();
      });
    }
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
  /** Opens a connection, which is cut when the stage is taken down. */
  peer(): Peer;
}

/** Runs `play` against a fresh listener, takes it down, and checks that no item and no session was left open. */
export async function onStage(limits: Partial<SmtpLimits>, play: (stage: Stage) => Promise<void>): Promise<Stage> {
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
  });
  const peers: Peer[] = [];
  const stage: Stage = {
    listener,
    intake,
    clock,
    logged,
    peer() {
      const peer = new Peer(listener.port);
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
