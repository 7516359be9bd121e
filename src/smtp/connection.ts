import type { Duplex } from "node:stream";
import type { Clock, Entropy } from "#core/index.ts";
import { failureFacts, isFailure, KiB, type ReceiptId, timedId } from "#core/index.ts";
import type { Intake, SpoolWriter } from "#spool/index.ts";
import type { SmtpLimits } from "./limits.ts";
import { replies } from "./replies.ts";
import { type Effect, type Ending, Session, type TakenMail } from "./session.ts";

/** Writes one line of fields to the operator's log; never mail content. */
export type SmtpLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** What every connection of a listener shares. */
export interface ConnectionSurroundings {
  hostname: string;
  limits: Readonly<SmtpLimits>;
  intake: Intake;
  clock: Clock;
  entropy: Entropy;
  log: SmtpLog;
}

/** The other end, as far as the transport knows it. */
export interface Peer {
  /** `address:port`. */
  address: string;
  /** TLS version and cipher, or null in clear. */
  tls: string | null;
}

/**
 * Carries a {@link Session} over a byte stream: reads, writes, spools, and keeps the session's deadlines.
 *
 * While the spool or the peer is slow nothing is read, so at most two chunks wait here. Replies to one group of commands
 * leave in one write. Logs one `smtp-session` line when the stream is closed.
 */
export class Connection {
  readonly #around: ConnectionSurroundings;
  readonly #stream: Duplex;
  readonly #peer: Peer;
  readonly #session: Session;
  readonly #begunMs: number;
  readonly #whenEnded = Promise.withResolvers<void>();
  readonly #chunks: Buffer[] = [];
  #said = "";
  #writer: SpoolWriter | null = null;
  #isBusy = false;
  /** Whether there was something new to do while the session was busy. */
  #isCalled = false;
  #hasReplied = false;
  #peerHasEnded = false;
  #isClosing = false;
  #isGone = false;
  #isFinished = false;
  #wake: () => void = () => {};
  /** On the monotonic clock; infinite while the peer waits for us. */
  #deadlineMs: number;
  #ending: Ending | "peer" | "fault" | "hurried" = "peer";

  constructor(stream: Duplex, peer: Peer, around: ConnectionSurroundings) {
    this.#around = around;
    this.#stream = stream;
    this.#peer = peer;
    const { hostname, limits, intake, clock } = around;
    this.#session = new Session({ hostname, limits, intake, now: () => clock.now() });
    this.#begunMs = clock.elapsedMs();
    this.#deadlineMs = this.#begunMs + limits.commandTimeoutMs;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.on("end", () => {
      this.#peerHasEnded = true;
      this.#run();
    });
    // A reset connection is an everyday thing; "close" follows and tells all that matters.
    stream.on("error", () => {});
    stream.on("close", () => {
      this.#isGone = true;
      this.#wake();
      this.#run();
    });
  }

  /** Resolves when the stream is closed and nothing of the session is under way any more. */
  get ended(): Promise<void> {
    return this.#whenEnded.promise;
  }

  /** Says the greeting; whoever has spoken by now is sent away. */
  greet(): void {
    this.#session.greet();
    this.#run();
  }

  /** Lets a transaction that has begun come to its end and says 421 to everyone else. */
  stop(): void {
    if (this.#isClosing) return;
    this.#session.stop();
    this.#run();
  }

  /** Cuts the connection. What is being made durable at this moment still becomes so; nobody is told. */
  destroy(): void {
    if (!this.#isClosing) this.#ending = "hurried";
    this.#stream.destroy();
  }

  /** Ends the session when its deadline has passed; called now and then. */
  expire(elapsedMs: number): void {
    if (elapsedMs < this.#deadlineMs) return;
    if (this.#isBusy || this.#isClosing) {
      if (!this.#isClosing) this.#ending = "timeout";
      this.#stream.destroy();
      return;
    }
    this.#session.expire();
    this.#run();
  }

  #take(chunk: Buffer): void {
    if (this.#isClosing) return;
    this.#chunks.push(chunk);
    if (this.#isBusy) this.#stream.pause();
    else this.#run();
  }

  #run(): void {
    this.#isCalled = this.#isBusy;
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#converse()
      .catch((error: unknown) => this.#giveUp(error))
      .finally(() => {
        this.#isBusy = false;
        this.#rest();
      });
  }

  /** Carries out what the session wants until it needs more from the peer. */
  async #converse(): Promise<void> {
    while (!this.#isGone && !this.#isClosing) {
      const effect = this.#nextEffect();
      if (effect === null) break;
      const pending = this.#carryOut(effect);
      if (pending !== null) await pending;
    }
    await this.#flush();
    if (this.#isClosing) this.#stream.end();
  }

  #nextEffect(): Effect | null {
    for (;;) {
      const effect = this.#session.next();
      if (effect !== null) return effect;
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) this.#session.take(chunk);
      else if (this.#stream.readableLength > 0 || !this.#session.quiet()) return null;
    }
  }

  #carryOut(effect: Effect): Promise<void> | null {
    switch (effect.kind) {
      case "reply":
        this.#said += effect.text + "\r\n";
        this.#hasReplied = true;
        return this.#said.length > saidCharsMax ? this.#flush() : null;
      case "open":
        this.#open();
        return null;
      case "write":
        return this.#write(effect.piece);
      case "commit":
        return this.#commit(effect.mail);
      case "abandon":
        this.#letGo();
        return null;
      case "close":
        this.#ending = effect.ending;
        this.#close();
        return null;
    }
  }

  #open(): void {
    try {
      this.#writer = this.#around.intake.open();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    this.#deadlineMs = Infinity;
    try {
      await this.#writer?.write(piece);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #commit(mail: TakenMail): Promise<void> {
    this.#deadlineMs = Infinity;
    const { clock, entropy } = this.#around;
    const { destination, ...envelope } = mail;
    const receivedAt = clock.now();
    const receipt = ("rcp_" + timedId(receivedAt, entropy.bytes(10))) as ReceiptId;
    const hop = { transport: "smtp", peer: this.#peer.address, tls: this.#peer.tls, uidl: null, ...envelope } as const;
    try {
      await this.#writer?.commit({ receipt, destination, hop, sourceKey: null, receivedAt });
      this.#writer = null;
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#session.committed(receipt);
  }

  #failed(error: unknown): void {
    const { code, message } = failureFacts(error);
    this.#around.log("smtp-spool-failure", { peer: this.#peer.address, code, message });
    this.#letGo();
    this.#session.failed(isFailure(error, "SPOOL-FULL") ? "full" : "fault");
  }

  #letGo(): void {
    this.#writer?.abandon();
    this.#writer = null;
  }

  /** A peer that does not read its replies is not read from either, and not for ever. */
  async #flush(): Promise<void> {
    const said = this.#said;
    this.#said = "";
    if (said === "" || this.#isGone) return;
    if (this.#stream.write(said, "latin1")) return;
    this.#deadlineMs = this.#around.clock.elapsedMs() + this.#around.limits.commandTimeoutMs;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.once("drain", resolve);
    });
  }

  #giveUp(error: unknown): void {
    const { code, message } = failureFacts(error);
    this.#around.log("smtp-fault", { peer: this.#peer.address, code, message });
    this.#ending = "fault";
    this.#letGo();
    this.#close();
    this.#stream.end(replies.fault + "\r\n");
  }

  /** From here on what the peer sends is read and dropped: unread octets would turn our last reply into a reset. */
  #close(): void {
    this.#isClosing = true;
    this.#chunks.length = 0;
    this.#deadlineMs = this.#around.clock.elapsedMs() + this.#around.limits.lingerMs;
  }

  /** Nothing is left to do until the peer says more. */
  #rest(): void {
    if (this.#isGone) {
      this.#finish();
      return;
    }
    if (this.#chunks.length > 0 || this.#isCalled) {
      this.#run();
      return;
    }
    if (this.#peerHasEnded && !this.#isClosing) {
      this.#letGo();
      this.#close();
      this.#stream.end();
    }
    if (!this.#isClosing) this.#setDeadline();
    if (this.#stream.isPaused()) this.#stream.resume();
  }

  /** A body may trickle as long as it moves; a command must be whole in time, however it trickles. */
  #setDeadline(): void {
    const { clock, limits } = this.#around;
    if (this.#session.isInBody) this.#deadlineMs = clock.elapsedMs() + limits.dataTimeoutMs;
    else if (this.#hasReplied) this.#deadlineMs = clock.elapsedMs() + limits.commandTimeoutMs;
    this.#hasReplied = false;
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#letGo();
    const durationMs = Math.round(this.#around.clock.elapsedMs() - this.#begunMs);
    this.#around.log("smtp-session", {
      peer: this.#peer.address,
      tls: this.#peer.tls,
      ...this.#session.tally,
      ending: this.#ending,
      durationMs,
    });
    this.#whenEnded.resolve();
  }
}

/** Replies held back to leave in one write; more than a whole group of a sane sender gets. */
const saidCharsMax = 16 * KiB;
