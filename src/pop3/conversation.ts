import type { Clock } from "#core/index.ts";
import type { Pop3Limits } from "./limits.ts";
import { Pop3Failure, type Pop3Problem } from "./problem.ts";
import { type ReplyEvent, ReplyReader, type ReplyShape } from "./reply-reader.ts";
import { type StatusLine, visible } from "./status-line.ts";
import type { Transcript } from "./transcript.ts";
import type { Wire } from "./wire.ts";

/** One command, or the wait for the greeting. */
export interface Ask {
  /** What is sent, without CRLF; null for the greeting. */
  command: string | null;
  /** How the transcript and problems name it: no secret in it. */
  step: string;
  shape: ReplyShape;
  /** Milliseconds for the whole answer. */
  timeoutMs: number;
  /** Milliseconds without an octet, for messages; not more than `timeoutMs`. */
  idleTimeoutMs?: number;
  /** Takes the lines of a list. */
  item?: (line: string) => void;
  /**
   * Takes the octets of a message; while it works the server is not read from, and no deadline runs. When it throws, the rest
   * of the message is read and dropped, and the ask fails with what it threw; the conversation goes on.
   */
  piece?: (content: Uint8Array) => Promise<void> | void;
}

interface Pending extends Ask {
  resolve: (status: StatusLine) => void;
  reject: (failure: unknown) => void;
  status: StatusLine | null;
  /** On the monotonic clock, moved on while we ourselves are slow; set when the answer's turn has come. */
  deadlineMs: number | null;
  lines: number;
  bytes: number;
  sinkFailure: { error: unknown } | null;
}

/** How often deadlines are looked at; they are a minute and more. */
const deadlineCheckMs = 1_000;

/**
 * Commands and their answers over one wire, in order, as many sent ahead as the caller likes.
 *
 * The first thing that goes wrong (end of the stream, deadline, broken protocol) ends the conversation: it and every ask
 * after it fail with that {@link Pop3Failure}. A refusal is an answer.
 */
export class Conversation {
  readonly #limits: Readonly<Pop3Limits>;
  readonly #clock: Clock;
  readonly #transcript: Transcript;
  readonly #watching = new AbortController();
  readonly #pending: Pending[] = [];
  #wire: Wire;
  #reader: ReplyReader;
  #said = "";
  #isPumping = false;
  #isReading = false;
  #readDeadlineMs = Number.POSITIVE_INFINITY;
  #failure: Pop3Failure | null = null;

  constructor(parts: { wire: Wire; limits: Readonly<Pop3Limits>; clock: Clock; transcript: Transcript }) {
    this.#wire = parts.wire;
    this.#limits = parts.limits;
    this.#clock = parts.clock;
    this.#transcript = parts.transcript;
    this.#reader = new ReplyReader(parts.limits);
    void this.#watch();
  }

  /** Why the conversation ended; null while it goes on. */
  get failure(): Pop3Failure | null {
    return this.#failure;
  }

  /** Aborted once the conversation has ended. */
  get ended(): AbortSignal {
    return this.#watching.signal;
  }

  /** Sends a command and resolves with the status of its answer once the whole of it was taken. */
  ask(ask: Ask): Promise<StatusLine> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const asked = new Promise<StatusLine>((resolve, reject) => {
      this.#pending.push({
        ...ask,
        resolve,
        reject,
        status: null,
        deadlineMs: null,
        lines: 0,
        bytes: 0,
        sinkFailure: null,
      });
    });
    this.#reader.expect(ask.shape);
    if (ask.command !== null) {
      this.#transcript.add("C", ask.step);
      this.#said += `${ask.command}\r\n`;
    }
    // Whoever looks at the answer later must not be too late to be counted as looking.
    asked.catch(() => undefined);
    if (this.#isReading) this.#flush();
    if (!this.#isPumping) void this.#pump();
    return asked;
  }

  /**
   * Lets go of the wire for a handshake. Only between answers.
   *
   * @returns null when octets came ahead of the handshake, which then must not take place
   */
  release(): ReturnType<Wire["release"]> | null {
    if (this.#reader.unreadBytes + this.#wire.unreadBytes > 0) return null;
    return this.#wire.release();
  }

  /** Goes on over the protected stream; nothing read before is remembered. */
  resume(wire: Wire): void {
    this.#wire = wire;
    this.#reader = new ReplyReader(this.#limits);
  }

  /** Ends it in order, by us; nothing is wrong. May be repeated, also after an end that was not. */
  close(): void {
    if (this.#failure !== null) return;
    this.#failure = new Pop3Failure({ kind: "lost", step: "close", detail: "ended by us" });
    this.#transcript.add("*", "closed");
    this.#stop();
  }

  /** Ends it here; `problem` is what asks that still wait are told. May be repeated: the first problem stays. */
  end(problem: Pop3Problem): Pop3Failure {
    if (this.#failure === null) {
      this.#failure = new Pop3Failure(problem);
      this.#transcript.add("*", this.#failure.message);
    }
    this.#stop();
    return this.#failure;
  }

  #stop(): void {
    this.#watching.abort();
    this.#wire.destroy();
    for (const { reject } of this.#pending.splice(0)) reject(this.#failure);
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#pending.length > 0) {
      const head = this.#pending[0]!;
      head.deadlineMs ??= this.#clock.elapsedMs() + head.timeoutMs;
      const event = this.#reader.next();
      if (event === null) await this.#read(head);
      else await this.#carryOut(head, event);
    }
    this.#isPumping = false;
    this.#flush();
  }

  async #read(head: Pending): Promise<void> {
    this.#flush();
    const idleMs = this.#clock.elapsedMs() + (head.idleTimeoutMs ?? head.timeoutMs);
    this.#readDeadlineMs = Math.min(idleMs, head.deadlineMs!);
    this.#isReading = true;
    const chunk = await this.#wire.read();
    this.#isReading = false;
    this.#readDeadlineMs = Number.POSITIVE_INFINITY;
    if (chunk === null) this.end({ kind: "lost", step: head.step, detail: visible(this.#wire.ending) });
    else if (this.#failure === null) this.#reader.give(chunk);
  }

  async #carryOut(head: Pending, event: ReplyEvent): Promise<void> {
    switch (event.kind) {
      case "status":
        // A server may repeat what it was sent; nobody downstream shall meet a secret in its words.
        head.status = { ...event.status, text: this.#transcript.clean(event.status.text) };
        this.#transcript.add("S", shown(event.status));
        if (event.isWhole) this.#answered(head);
        return;
      case "item":
        head.lines += 1;
        head.item?.(event.line);
        return;
      case "piece":
        head.bytes += event.content.length;
        await this.#piece(head, event.content);
        return;
      case "end":
        this.#transcript.add("S", head.shape.kind === "list" ? `(${head.lines} lines)` : `(${head.bytes} octets)`);
        this.#answered(head);
        return;
      case "broken":
        this.end({ kind: "protocol", fault: event.fault, step: head.step });
    }
  }

  async #piece(head: Pending, content: Uint8Array): Promise<void> {
    if (head.piece === undefined || head.sinkFailure !== null) return;
    const before = this.#clock.elapsedMs();
    try {
      await head.piece(content);
    } catch (error) {
      head.sinkFailure = { error };
    }
    head.deadlineMs! += this.#clock.elapsedMs() - before;
  }

  #answered(head: Pending): void {
    if (this.#failure !== null) return;
    this.#pending.shift();
    if (head.sinkFailure === null) head.resolve(head.status!);
    else head.reject(head.sinkFailure.error);
  }

  #flush(): void {
    if (this.#said === "") return;
    this.#wire.write(this.#said);
    this.#said = "";
  }

  async #watch(): Promise<void> {
    while (!this.#watching.signal.aborted) {
      await this.#clock.sleep(deadlineCheckMs, this.#watching.signal);
      if (this.#clock.elapsedMs() >= this.#readDeadlineMs && this.#pending.length > 0)
        this.end({ kind: "timeout", step: this.#pending[0]!.step });
    }
  }
}

function shown({ kind, text }: StatusLine): string {
  return `${{ ok: "+OK", err: "-ERR", challenge: "+" }[kind]} ${text}`.trimEnd();
}
