import type { Duplex } from "node:stream";
import type { Clock, Destination, Entropy, Hop, PeerCertificate } from "#core/index.ts";
import { failureFacts, isFailure, KiB, must, type ReceiptId, timedId } from "#core/index.ts";
import type { Intake, SpoolWriter } from "#spool/index.ts";
import { addressIn } from "./address-ranges.ts";
import type { Certificate } from "./certificate.ts";
import type { Effect, Ending, Refusal, TakenMail } from "./effect.ts";
import { handshakeOf, putTlsOver } from "./handshake.ts";
import type { SmtpLimits } from "./limits.ts";
import { replies } from "./replies.ts";
import { Session } from "./session.ts";

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
  /** The certificate for handshakes that begin now; without it there is no TLS. */
  certificate?: () => Certificate;
  /**
   * Whether this is the user's password; a rejection means that nobody can say now. Without it AUTH is not offered. Asked
   * under TLS only, and a few times a session.
   */
  authenticate?: (user: string, password: string) => Promise<boolean>;
  /** Whether anyone has a password at all; AUTH is offered only then. Asked once a connection; no I/O. */
  hasLogins?: () => boolean;
  /** Told of everything that was answered 5xx. */
  refused?: (refusal: PeerRefusal) => void;
  /** Told of every item that became durable, before 250 is said. */
  delivered?: (hop: Hop, destination: Destination) => void;
}

/** A {@link Refusal} and who was refused. */
export interface PeerRefusal extends Refusal {
  /** `address:port`. */
  peer: string;
  /** TLS version and cipher, or null in clear. */
  tls: string | null;
}

/** The other end, as far as the transport knows it. */
export interface Peer {
  /** `address:port`. */
  address: string;
  /** `address:port` of the trusted proxy that spoke for it, or null. */
  proxy: string | null;
}

/**
 * Carries a {@link Session} over a byte stream: reads, writes, spools, and keeps the session's deadlines.
 *
 * While the spool or the peer is slow nothing is read, so at most two chunks wait here. Replies to one group of commands
 * leave in one write. Logs one `smtp-session` line when the stream is closed.
 */
export class Connection {
  readonly #around: ConnectionSurroundings;
  readonly #peer: Peer;
  #stream: Duplex;
  /** TLS version and cipher, or null in clear. */
  #tls: string | null = null;
  /** The certificate the peer showed. */
  #certificate: PeerCertificate | null = null;
  readonly #session: Session;
  readonly #begunMs: number;
  readonly #whenEnded = Promise.withResolvers<void>();
  readonly #chunks: Buffer[] = [];
  #said = "";
  #writer: SpoolWriter | null = null;
  readonly #isSecureFirst: boolean;
  #isHandshakeDue = false;
  #isShakingHands = false;
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
  /** What the peer is bringing, and when it must be here if it brings nothing more of it. */
  #transfer: Readonly<{ bytes: number }> | null = null;
  #transferEndsMs = Infinity;
  #ending: Ending | "peer" | "fault" | "hurried" | "handshake" = "peer";

  /** @param tls `at once` when the handshake comes before the greeting; needs a certificate */
  constructor(stream: Duplex, peer: Peer, around: ConnectionSurroundings, tls: "at once" | "on demand" = "on demand") {
    this.#around = around;
    this.#stream = stream;
    this.#peer = peer;
    this.#isSecureFirst = tls === "at once";
    const { hostname, limits, intake, clock, refused } = around;
    const address = addressIn(peer.address);
    this.#session = new Session({
      hostname,
      limits,
      intake,
      isSecure: this.#isSecureFirst,
      canSecure: around.certificate !== undefined,
      canLogIn: around.authenticate !== undefined && around.hasLogins?.() !== false,
      peer: () => ({ address, tls: this.#tls, certificate: this.#certificate?.sha256 ?? null }),
      now: () => clock.now(),
      refused: (refusal) => refused?.({ peer: peer.address, tls: this.#tls, ...refusal }),
    });
    this.#begunMs = clock.elapsedMs();
    this.#deadlineMs = this.#begunMs + limits.commandTimeoutMs;
    // A reset connection is an everyday thing; "close" follows and tells all that matters.
    stream.on("error", () => {});
    if (!this.#isSecureFirst) this.#listenTo(stream);
  }

  /** Resolves when the stream is closed and nothing of the session is under way any more. */
  get ended(): Promise<void> {
    return this.#whenEnded.promise;
  }

  /** Says the greeting, after the handshake where that comes first; whoever has spoken by now is sent away. */
  greet(): void {
    if (this.#isSecureFirst) this.#isHandshakeDue = true;
    else this.#session.greet();
    this.#run();
  }

  /** Lets a transaction that has begun come to its end, says 421 to everyone else, and cuts a handshake short. */
  stop(): void {
    if (this.#isClosing) return;
    if (this.#isHandshakeDue || this.#isShakingHands) {
      this.#ending = "stopping";
      this.#stream.destroy();
    }
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
    this.#session.expire(elapsedMs >= this.#transferDeadlineMs ? "slow" : "timeout");
    this.#run();
  }

  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  readonly #onEnd = () => {
    this.#peerHasEnded = true;
    this.#run();
  };
  readonly #onClose = () => {
    this.#isGone = true;
    this.#wake();
    this.#run();
  };

  #listenTo(stream: Duplex): void {
    stream.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose);
    stream.resume();
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
    if (this.#isHandshakeDue) {
      this.#isHandshakeDue = false;
      if (!(await this.#handshake())) return;
      this.#session.greet();
    }
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
      case "secure":
        return this.#secure();
      case "authenticate":
        return this.#authenticate(effect.user, effect.password);
      case "close":
        this.#ending = effect.ending;
        this.#close();
        return null;
    }
  }

  /**
   * What the peer sent in clear behind STARTTLS is dropped, wherever it lies, so that nothing an eavesdropper put there is
   * taken for what comes under TLS.
   */
  async #secure(): Promise<void> {
    const plain = this.#stream;
    this.#chunks.length = 0;
    plain.off("data", this.#onData);
    plain.pause();
    while (plain.read() !== null);
    await this.#flush();
    if (this.#isGone) return;
    // Its end was read while something before STARTTLS was made durable; TLS over the stream would wait for it in vain.
    if (this.#peerHasEnded) {
      this.#ending = "handshake";
      this.#close();
      return;
    }
    plain.off("end", this.#onEnd).off("close", this.#onClose);
    if (await this.#handshake()) this.#session.secured();
  }

  /** Whether TLS is on; else the connection is gone. */
  async #handshake(): Promise<boolean> {
    const { certificate, clock, limits } = this.#around;
    must(certificate, "TLS is done with a certificate");
    this.#deadlineMs = clock.elapsedMs() + limits.handshakeTimeoutMs;
    const plain = this.#stream;
    const stream = plain.destroyed ? null : putTlsOver(plain, certificate());
    stream?.on("error", () => {});
    this.#stream = stream ?? plain;
    this.#isShakingHands = true;
    const facts = stream === null ? null : await handshakeOf(stream, plain);
    this.#isShakingHands = false;
    if (stream === null || facts === null || stream.destroyed) {
      if (this.#ending === "peer") this.#ending = "handshake";
      this.#isGone = true;
      return false;
    }
    this.#tls = facts.tls;
    this.#certificate = facts.certificate;
    this.#deadlineMs = clock.elapsedMs() + limits.commandTimeoutMs;
    this.#listenTo(stream);
    return true;
  }

  async #authenticate(user: string, password: string): Promise<void> {
    const { authenticate, clock, limits, log } = this.#around;
    this.#deadlineMs = clock.elapsedMs() + limits.commandTimeoutMs;
    let verdict: "yes" | "no" | "unknown" = "unknown";
    try {
      if (authenticate !== undefined) verdict = (await authenticate(user, password)) ? "yes" : "no";
    } catch (error) {
      log("smtp-login-failure", { peer: this.#peer.address, code: failureFacts(error).code });
    }
    this.#session.authenticated(user, verdict);
  }

  #open(): void {
    try {
      this.#writer = this.#around.intake.open();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #write(piece: Uint8Array): Promise<void> {
    const { clock } = this.#around;
    const begunMs = clock.elapsedMs();
    this.#deadlineMs = Infinity;
    try {
      await this.#writer?.write(piece);
    } catch (error) {
      this.#failed(error);
    }
    // Time that the spool takes is not the peer's.
    this.#transferEndsMs += clock.elapsedMs() - begunMs;
  }

  async #commit(mail: TakenMail): Promise<void> {
    this.#deadlineMs = Infinity;
    const { clock, entropy } = this.#around;
    const { destination, user, ...envelope } = mail;
    const receivedAt = clock.now();
    const receipt = ("rcp_" + timedId(receivedAt, entropy.bytes(10))) as ReceiptId;
    const hop: Hop = {
      transport: "smtp",
      peer: this.#peer.address,
      tls: this.#tls,
      uidl: null,
      ...envelope,
      ...(user === null ? {} : { user }),
      ...(this.#certificate === null ? {} : { certificate: this.#certificate }),
    };
    try {
      await this.#writer?.commit({ receipt, destination, hop, sourceKey: null, receivedAt });
      this.#writer = null;
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#around.delivered?.(hop, destination);
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

  /** A command must be whole in time, however it trickles, and so must a transaction, for what it brings. */
  #setDeadline(): void {
    const { clock, limits } = this.#around;
    if (this.#session.isInBody) this.#deadlineMs = clock.elapsedMs() + limits.dataTimeoutMs;
    else if (this.#hasReplied) this.#deadlineMs = clock.elapsedMs() + limits.commandTimeoutMs;
    this.#hasReplied = false;
    const { transfer } = this.#session;
    if (transfer !== this.#transfer) {
      this.#transfer = transfer;
      this.#transferEndsMs = transfer === null ? Infinity : clock.elapsedMs() + limits.transactionTimeoutMs;
    }
    this.#deadlineMs = Math.min(this.#deadlineMs, this.#transferDeadlineMs);
  }

  /** When the transfer must be here; every octet of it has earned it some time. */
  get #transferDeadlineMs(): number {
    const earnedMs = ((this.#transfer?.bytes ?? 0) / this.#around.limits.bytesPerSecondMin) * 1_000;
    return this.#transferEndsMs + earnedMs;
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#letGo();
    const durationMs = Math.round(this.#around.clock.elapsedMs() - this.#begunMs);
    this.#around.log("smtp-session", {
      peer: this.#peer.address,
      ...(this.#peer.proxy === null ? {} : { proxy: this.#peer.proxy }),
      tls: this.#tls,
      ...this.#session.tally,
      ending: this.#ending,
      durationMs,
    });
    this.#whenEnded.resolve();
  }
}

/** Replies held back to leave in one write; more than a whole group of a sane sender gets. */
const saidCharsMax = 16 * KiB;
