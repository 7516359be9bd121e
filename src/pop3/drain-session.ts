import { createHash } from "node:crypto";
import { failureFacts, type Hop, type Instant, type ReceiptId, type Sha256, timedId } from "#core/index.ts";
import type { SpoolWriter } from "#spool/index.ts";
import { HeadDigest } from "./head-digest.ts";
import { captureOf } from "./ledger.ts";
import type { ListedMessage, Listing } from "./listing.ts";
import { type Captured, failureKeyOf, isDue, keyOf, type Plan, planSession } from "./plan.ts";
import { Pop3Failure } from "./problem.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { type Run, settleWaiting } from "./run.ts";
import type { Pop3Session } from "./session.ts";
import type { Capture, UidlRecord } from "./uidl-memory.ts";
import { Window } from "./window.ts";

/**
 * Messages taken before their records are made durable together. After a crash those are fetched again that were gathered and
 * being written, twice this and twice `commitsMax` at most, and what was on its way.
 */
const recordsAtOnce = 50;

/** How often a session that waits for the archive looks what it may delete, in milliseconds; the archive is watched beside it. */
const lingerLookMs = 50;

/** A message as it came, whole. */
interface Taken {
  sha256: Sha256;
  headSha256: Sha256;
  bytes: number;
  begunAt: Instant;
}

/**
 * One session of a drain: list, compare with what is remembered, delete what is archived, fetch, delete, QUIT.
 *
 * Holds at any time: what was marked with DELE is archived. A session that breaks has deleted nothing (RFC 1939 §6), or the
 * server broke its word; either way the next listing tells.
 */
export class DrainSession {
  readonly #run: Run;
  readonly #session: Pop3Session;
  readonly #answers: Window;
  readonly #commits: Window;
  /** Numbers by key of captures that wait for the archive; `same`: known to be the captured message in this session. */
  readonly #waiting = new Map<string, Captured & { isSame: boolean }>();
  readonly #removable: (Captured & { isSame: boolean })[] = [];
  /** Numbers and keys of what DELE was answered for. */
  readonly #marked: { number: number; key: string }[] = [];
  /** Captures being made durable, by key: two messages with one content and no id must not become two. */
  readonly #committing = new Map<string, Promise<Capture | null>>();
  /** Records gathered since the last were written, and the writing of those. */
  #unwritten = 0;
  #writing: Promise<void> | null = null;
  /** What the memory or our own code threw in the background: it ends the session. */
  #fault: { error: unknown } | null = null;

  constructor(run: Run, session: Pop3Session) {
    this.#run = run;
    this.#session = session;
    this.#answers = new Window(session.outstandingMax, run.limits.outstandingBytesMax);
    this.#commits = new Window(run.limits.commitsMax, Number.POSITIVE_INFINITY);
  }

  /** @throws Pop3Failure when the session broke or QUIT was not answered */
  async hold(work: "fetch-and-delete" | "delete"): Promise<{ isMore: boolean }> {
    const ended = new AbortController();
    const { count, plan, isRest } = await this.#begin();
    let isMore = false;
    let watching: Promise<void> = Promise.resolve();
    try {
      await this.#ask();
      for (const captured of plan.doubtful) await this.#unlessOver(() => this.#check(captured));
      await this.#removeArchived();
      watching = this.#watchArchive(ended.signal);
      if (work === "fetch-and-delete") isMore = (await this.#fetchAll(plan.fetch)) || isRest;
      // While there is more to fetch, waiting would cost more than the looks that it saves (measured: a quarter of the time).
      if (!isMore) await this.#linger();
    } finally {
      await this.#answers.empty();
      await this.#commits.empty();
      ended.abort();
      await watching;
    }
    this.#throwFault();
    // The second round is for what had to be read again in the first before it could be deleted.
    for (let round = 0; round < 2; round += 1) {
      await this.#ask();
      await this.#removeArchived();
      await this.#answers.empty();
      await this.#commits.empty();
      this.#throwFault();
    }
    await this.#quit(count);
    this.#run.parts.log("pop3.session", { ...this.#run.parts.destination, count, marked: this.#marked.length, isMore });
    return { isMore };
  }

  /**
   * Notes what is listed and what is not, and gives the work; `isRest`: there is more to fetch than one session may. The
   * listing ends here: of a large mailbox it is 15 MiB, of which a session works on a tenth.
   */
  async #begin(): Promise<{ count: number; plan: Plan; isRest: boolean }> {
    const { ledger, parts, result, limits } = this.#run;
    const { stat, listing } = await this.#session.contents();
    this.#setLeft(stat.messages);
    const facts = { now: parts.clock.now(), retention: parts.retention, messageBytesMax: limits.messageBytesMax };
    result.uidls = listing.uidls;
    this.#noteListed(listing);
    const plan = planSession(listing, ledger.records, facts);
    for (const key of plan.gone) ledger.advance(key, "gone");
    for (const key of plan.vanished) ledger.forget(key);
    result.vanished += plan.vanished.length;
    for (const message of plan.tooLarge) this.#noteFailure(message, "message-too-large", "message");
    for (const captured of plan.remove) this.#wait(captured, false);
    result.reappeared += plan.doubtful.filter(({ key }) => ledger.state(key)?.kind === "deleted").length;
    const fetchMax = Math.max(limits.sessionMessagesMax, Math.floor(listing.messages.length / 10));
    const fetch = plan.fetch.slice(0, fetchMax);
    return { count: stat.messages, plan: { ...plan, fetch }, isRest: fetch.length < plan.fetch.length };
  }

  /** Notes what is listed, and counts what no session of this run listed before. */
  #noteListed({ messages }: Listing): void {
    const { ledger, firstSession, result } = this.#run;
    ledger.records.beginSession();
    let nameless = 0;
    for (const message of messages) {
      const key = keyOf(message);
      if (key === null) {
        nameless += 1;
        continue;
      }
      if (ledger.records.kind(key) === undefined) ledger.set(key, { kind: "seen" });
      if (ledger.records.listedIn(key) < firstSession) result.seen += 1;
      ledger.records.list(key);
    }
    result.seen += Math.max(0, nameless - this.#run.nameless);
    this.#run.nameless = Math.max(nameless, this.#run.nameless);
  }

  /** Fetches until the session has had its time and octets; true when there is more. */
  async #fetchAll(messages: readonly ListedMessage[]): Promise<boolean> {
    const { limits, parts, signal, result } = this.#run;
    const untilMs = parts.clock.elapsedMs() + limits.sessionMs;
    let bytes = 0;
    let count = 0;
    for (const message of messages) {
      if (this.#session.failure !== null || this.#fault !== null || result.problem !== null || signal.aborted)
        return true;
      if (count > 0 && parts.clock.elapsedMs() >= untilMs) return true;
      if (count > 0 && bytes + (message.listBytes ?? 0) > limits.sessionBytesMax) return true;
      const state = parts.intake.state();
      if (state.kind !== "open") {
        result.problem = { kind: "spool", code: `SPOOL-${state.kind.toUpperCase()}`, message: state.reason };
        return true;
      }
      if (!(await this.#hasRoom())) return true;
      bytes += message.listBytes ?? 0;
      count += 1;
      await this.#answers.begin(message.listBytes ?? 0, () => this.#guarded(() => this.#fetch(message)));
      await this.#removeArchived();
    }
    await this.#answers.empty();
    return this.#session.failure !== null;
  }

  /** Waits while too much waits for the archive; false when that takes so long that the session had better end. */
  async #hasRoom(): Promise<boolean> {
    const { waiting, limits, parts, signal } = this.#run;
    let before = waiting.size;
    let untilMs = parts.clock.elapsedMs() + limits.lingerMs;
    while (waiting.size >= limits.waitingMax) {
      const isOver = this.#session.failure !== null || this.#fault !== null || signal.aborted;
      if (isOver || parts.clock.elapsedMs() >= untilMs) return false;
      await parts.clock.sleep(lingerLookMs, signal);
      await this.#removeArchived();
      if (waiting.size < before) untilMs = parts.clock.elapsedMs() + limits.lingerMs;
      before = waiting.size;
    }
    return true;
  }

  async #unlessOver(work: () => Promise<void>): Promise<void> {
    if (this.#session.failure !== null || this.#fault !== null || this.#run.signal.aborted) return;
    await this.#answers.begin(0, () => this.#guarded(work));
  }

  /** Runs work of which nobody waits for the result. Failures of the session show in the session itself. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Pop3Failure)) this.#fault ??= { error };
    }
  }

  #throwFault(): void {
    if (this.#fault !== null) throw this.#fault.error;
    if (this.#session.failure !== null) throw this.#session.failure;
  }

  /** Takes one message: whole, or not at all. */
  async #fetch(message: ListedMessage): Promise<void> {
    const { parts, result } = this.#run;
    let writer: SpoolWriter | null = null;
    try {
      const open = parts.intake.open();
      writer = open;
      const taken = await this.#retrieve(message, open);
      await this.#commits.begin(0, () => this.#guarded(() => this.#keep(message, taken, open)));
    } catch (error) {
      writer?.abandon();
      if (!(error instanceof Pop3Failure)) {
        const { code, message: text } = failureFacts(error);
        if (!code.startsWith("SPOOL-") && !code.startsWith("DISK-")) throw error;
        result.problem ??= { kind: "spool", code, message: text };
        return;
      }
      this.#noteRefusal(message, error);
    }
  }

  async #retrieve(message: ListedMessage, writer: SpoolWriter): Promise<Taken> {
    const begunAt = this.#run.parts.clock.now();
    const head = new HeadDigest();
    let bytes = 0;
    await this.#session.retrieve(message.number, (piece) => {
      head.update(piece);
      bytes += piece.length;
      return writer.write(piece);
    });
    return { sha256: writer.digest(), headSha256: head.digest(), bytes, begunAt };
  }

  /** Makes a taken message durable, unless it is one we know. */
  async #keep(message: ListedMessage, taken: Taken, writer: SpoolWriter): Promise<void> {
    const { ledger, result } = this.#run;
    const key = keyOf(message) ?? `c:${taken.sha256}`;
    const known = (await this.#committing.get(key)) ?? captureOf(ledger.state(key));
    if (known?.sha256 === taken.sha256) {
      writer.abandon();
      return this.#recognise(message, key, { ...known, listBytes: message.listBytes });
    }
    const twin = this.#renamed(taken.sha256);
    if (twin !== null) {
      writer.abandon();
      ledger.forget(twin.key);
      result.renamed += 1;
      result.duplicate += 1;
      return this.#recognise(message, key, { ...captureOf(twin.state)!, listBytes: message.listBytes });
    }
    const committed = this.#commit(message, key, taken, writer);
    this.#committing.set(key, committed);
    const capture = await committed;
    this.#committing.delete(key);
    if (capture !== null) await this.#recognise(message, key, capture);
  }

  /** A record with this content whose id is listed no more: the same message under a new id. */
  #renamed(sha256: Sha256): UidlRecord | null {
    const { ledger } = this.#run;
    const { records } = ledger;
    const isElsewhere = (key: string) => key.startsWith("u:") && records.listedIn(key) !== records.session;
    return ledger.withContent(sha256).find(({ key }) => isElsewhere(key)) ?? null;
  }

  async #commit(message: ListedMessage, key: string, taken: Taken, writer: SpoolWriter): Promise<Capture | null> {
    const { parts, result, minted } = this.#run;
    const { sha256, headSha256, bytes, begunAt } = taken;
    const takenAt = parts.clock.now();
    const receipt = `rcp_${timedId(takenAt, parts.entropy.bytes(10))}` as ReceiptId;
    const sourceKey = sourceKeyOf(parts.destination.connector, key, sha256);
    const { peer, tls } = this.#session.channel;
    const hop: Hop = {
      transport: "pop3",
      peer,
      helo: null,
      tls: tls === null ? null : `${tls.version} ${tls.cipher}`,
      mailFrom: null,
      rcptTo: [],
      uidl: message.uidl,
      begunAt,
    };
    try {
      await writer.commit({ receipt, destination: parts.destination, hop, sourceKey, receivedAt: takenAt });
    } catch (error) {
      writer.abandon();
      const { code, message: text } = failureFacts(error);
      result.problem ??= { kind: "spool", code, message: text };
      return null;
    }
    minted.add(receipt);
    this.#run.taken += 1;
    return { receipt, sourceKey, sha256, bytes, headSha256, listBytes: message.listBytes, takenAt };
  }

  /**
   * From here on the message is known, and waits for the archive if it is to be deleted. Resolves when the records of few
   * messages are unwritten.
   */
  #recognise(message: ListedMessage, key: string, capture: Capture): Promise<void> {
    const { ledger, parts } = this.#run;
    ledger.set(key, { kind: "spooled", capture });
    if (message.uidl === null) ledger.forget(failureKeyOf(message));
    this.#unwritten += 1;
    const captured = { message, key, capture };
    // What is kept on the server waits too, to be counted.
    if (isDue(capture, parts.retention, parts.clock.now()) || this.#run.minted.has(capture.receipt))
      this.#wait(captured, true);
    return this.#writeRecords();
  }

  /**
   * A record that is lost costs a fetch and no mail, so a sync for each would be dear: they are written some at a time. While
   * that takes long, as when a large mailbox's file is written anew, fetching waits rather than put more at stake.
   */
  async #writeRecords(): Promise<void> {
    while (this.#unwritten >= recordsAtOnce) {
      if (this.#writing === null) {
        this.#unwritten = 0;
        this.#writing = this.#guarded(() => this.#run.ledger.flush()).finally(() => {
          this.#writing = null;
        });
        return;
      }
      await this.#writing;
    }
  }

  #wait(captured: Captured, isSame: boolean): void {
    // Of two messages with one content and no id the archive is asked once, and both are deleted.
    this.#waiting.set(`${captured.message.number} ${captured.key}`, { ...captured, isSame });
    this.#run.waiting.set(captured.key, captured.capture);
  }

  /** Asks the archive about what waits, and makes removable what it has. */
  async #ask(): Promise<void> {
    await settleWaiting(this.#run);
    const { waiting, parts } = this.#run;
    for (const [place, captured] of [...this.#waiting]) {
      if (waiting.has(captured.key)) continue;
      this.#waiting.delete(place);
      if (isDue(captured.capture, parts.retention, parts.clock.now())) this.#removable.push(captured);
    }
  }

  /** Waits a little for the archive, while there is something of this session that may then be deleted. */
  async #linger(): Promise<void> {
    const { limits, parts, signal, result } = this.#run;
    await this.#answers.empty();
    await this.#commits.empty();
    await this.#ask();
    await this.#removeArchived();
    const untilMs = parts.clock.elapsedMs() + Math.min(limits.lingerMs, limits.archiveWaitMs);
    const isDueNow = ({ capture }: Captured) => isDue(capture, parts.retention, parts.clock.now());
    while (this.#session.failure === null && this.#fault === null && result.problem === null && !signal.aborted) {
      const leftMs = untilMs - parts.clock.elapsedMs();
      if (leftMs <= 0 || ![...this.#waiting.values()].some(isDueNow)) return;
      await parts.clock.sleep(Math.min(lingerLookMs, leftMs), signal);
      await this.#removeArchived();
    }
  }

  async #watchArchive(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changed = this.#run.parts.archive.changed(signal);
      await this.#guarded(() => this.#ask());
      await changed;
    }
  }

  async #removeArchived(): Promise<void> {
    for (let next = this.#removable.shift(); next !== undefined; next = this.#removable.shift()) {
      const captured = next;
      await this.#unlessOver(() => (captured.isSame ? this.#remove(captured) : this.#check(captured)));
    }
  }

  /** Whether the message is still the captured one: by size and header, or by all of it when these cannot tell. */
  async #check(captured: Captured): Promise<void> {
    const { message, capture, key } = captured;
    const isSameSize = message.listBytes === capture.listBytes;
    if (isSameSize && this.#session.capabilities.argumentsByTag.has("TOP")) {
      const head = new HeadDigest();
      try {
        await this.#session.top(message.number, 0, (piece) => head.update(piece));
      } catch (error) {
        if (this.#session.failure !== null) throw error;
      }
      if (head.digest() === capture.headSha256) {
        if (this.#run.ledger.state(key)?.kind === "archived") await this.#remove(captured);
        else await this.#recognise(message, key, capture);
        return;
      }
    }
    await this.#fetch(message);
  }

  async #remove(captured: Captured): Promise<void> {
    try {
      await this.#session.remove(captured.message.number);
      this.#marked.push({ number: captured.message.number, key: captured.key });
    } catch (error) {
      if (!(error instanceof Pop3Failure)) throw error;
      const { destination, log } = this.#run.parts;
      log("pop3.delete_refused", { ...destination, code: error.code, message: error.message });
    }
  }

  async #quit(count: number): Promise<void> {
    const { ledger, result } = this.#run;
    for (const { key } of this.#marked) ledger.advance(key, "delete-pending");
    // Before the server deletes, we know on disk that it may have.
    await ledger.flush();
    await this.#session.quit();
    for (const { key } of this.#marked) ledger.advance(key, "deleted");
    const numbers = new Set(this.#marked.map(({ number }) => number));
    result.deleted += numbers.size;
    this.#setLeft(count - numbers.size);
    await ledger.flush();
  }

  #setLeft(count: number): void {
    this.#run.result.left = count;
    this.#run.result.leftAt = this.#run.parts.clock.now();
  }

  #noteRefusal(message: ListedMessage, failure: Pop3Failure): void {
    const { problem } = failure;
    const ended = this.#session.failure;
    if (ended === null) {
      this.#noteFailure(message, failure.message, "message");
      return;
    }
    // When a session breaks, everything asked ahead fails with it; only the message being read had a part in it.
    if (!("step" in problem) || problem.step !== `RETR ${message.number}`) return;
    if (problem.kind === "lost" && problem.detail === "ended by us") return;
    this.#noteFailure(message, failure.message, problem.kind === "lost" ? "connection" : "message");
  }

  #noteFailure(message: ListedMessage, reason: string, cause: "connection" | "message"): void {
    const { ledger, parts } = this.#run;
    const key = failureKeyOf(message);
    const before = ledger.state(key);
    if (captureOf(before) !== null) return;
    const attempts = (before?.kind === "failed" ? before.attempts : 0) + 1;
    const retryAt = (parts.clock.now() + retryDelayMs(attempts, cause)) as Instant;
    ledger.set(key, { kind: "failed", attempts, reason, retryAt });
    parts.log("pop3.message_failed", { ...parts.destination, uidl: message.uidl, attempts, reason });
  }
}

/** Names one capture for ever: fetched again after its record was lost, it adds nothing to the archive. */
function sourceKeyOf(connector: string, key: string, sha256: Sha256): string {
  const id = key.startsWith("u:") ? key : "c:";
  return createHash("sha256").update(`muniment-pop3-1\0${connector}\0${id}\0${sha256}\0`).digest("hex");
}
