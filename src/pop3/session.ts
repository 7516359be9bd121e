import { type Capabilities, readCapabilities } from "./capabilities.ts";
import type { Ask, Conversation } from "./conversation.ts";
import type { Pop3Limits } from "./limits.ts";
import { type Listing, ListingReader, readStat } from "./listing.ts";
import { Pop3Failure, refusalOf } from "./problem.ts";
import type { ReplyShape } from "./reply-reader.ts";
import type { StatusLine } from "./status-line.ts";
import type { Transcript, TranscriptLine } from "./transcript.ts";
import type { TlsFacts } from "./trust.ts";

/** Where a session goes and how it is protected. */
export interface Channel {
  /** `address:port` really connected to. */
  peer: string;
  tls: TlsFacts | null;
}

/** Takes the octets of one message, dot-unstuffed; a promise makes the server wait. */
export type MessageSink = (content: Uint8Array) => Promise<void> | void;

/**
 * A mailbox, logged in to. Message numbers are this session's.
 *
 * Every method throws {@link Pop3Failure}: a refusal fails that call alone, anything else ends the session. With
 * `outstandingMax` above 1 calls may be made ahead of the answers to earlier ones.
 */
export class Pop3Session {
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  /** How many calls may be under way at one time: 1 unless the server offers PIPELINING. */
  readonly outstandingMax: number;
  readonly #conversation: Conversation;
  readonly #limits: Readonly<Pop3Limits>;
  readonly #transcript: Transcript;

  constructor(parts: {
    conversation: Conversation;
    channel: Channel;
    capabilities: Capabilities;
    limits: Readonly<Pop3Limits>;
    transcript: Transcript;
  }) {
    this.channel = parts.channel;
    this.capabilities = parts.capabilities;
    this.outstandingMax = parts.capabilities.argumentsByTag.has("PIPELINING") ? parts.limits.outstandingMax : 1;
    this.#conversation = parts.conversation;
    this.#limits = parts.limits;
    this.#transcript = parts.transcript;
  }

  /** Why the session ended by itself; null while it lives. */
  get failure(): Pop3Failure | null {
    return this.#conversation.failure;
  }

  /** The session so far, without secrets and message content. */
  transcript(): TranscriptLine[] {
    return this.#transcript.lines();
  }

  /** Count and octets, messages marked as deleted left out. */
  async stat(): Promise<{ messages: number; bytes: number }> {
    const { text } = await this.#line("STAT");
    const read = readStat(text);
    if (read === null) throw this.#conversation.end({ kind: "protocol", fault: "not-a-reply", step: "STAT" });
    return read;
  }

  /** What {@link stat} and {@link listing} say, asked at once where that is allowed. */
  async contents(): Promise<{ stat: { messages: number; bytes: number }; listing: Listing }> {
    const asked = this.stat();
    if (this.outstandingMax === 1) await asked;
    const [stat, listing] = await Promise.all([asked, this.listing()]);
    return { stat, listing };
  }

  /** Numbers, sizes and unique ids of what is in the mailbox. LIST and UIDL are asked at once where that is allowed. */
  async listing(): Promise<Listing> {
    const reader = new ListingReader();
    const list = this.#lines("LIST", (line) => reader.size(line));
    if (this.outstandingMax === 1) await list;
    const uidl = this.#lines("UIDL", (line) => reader.id(line)).catch((failure: Pop3Failure) => {
      if (failure.problem.kind !== "refused") throw failure;
    });
    await Promise.all([list, uidl]);
    return reader.end();
  }

  /** Streams one message to `sink` and resolves when its end mark came: only then is it whole. */
  async retrieve(number: number, sink: MessageSink): Promise<void> {
    await this.#message(`RETR ${number}`, sink);
  }

  /** Streams header and the first `lines` of the body (TOP, where CAPA offers it). */
  async top(number: number, lines: number, sink: MessageSink): Promise<void> {
    await this.#message(`TOP ${number} ${lines}`, sink);
  }

  /** Marks one message; it is deleted only by {@link quit}. */
  async remove(number: number): Promise<void> {
    await this.#line(`DELE ${number}`);
  }

  /** Takes back every mark of this session. */
  async reset(): Promise<void> {
    await this.#line("RSET");
  }

  /**
   * Asks the server to delete what was marked, and closes. Resolves only on `+OK`; after any failure it is not known what
   * was deleted. May follow a failed session, of which it then repeats the failure.
   */
  async quit(): Promise<void> {
    await this.#line("QUIT", this.#limits.quitTimeoutMs);
    this.#conversation.close();
  }

  /** Cuts the connection: nothing marked is deleted (RFC 1939 §6). May be repeated. */
  abort(): void {
    this.#conversation.close();
  }

  #line(command: string, timeoutMs = this.#limits.replyTimeoutMs): Promise<StatusLine> {
    return this.#ask(command, { shape: { kind: "line" }, timeoutMs });
  }

  async #lines(command: string, item: (line: string) => void): Promise<void> {
    const shape = { kind: "list", linesMax: this.#limits.listLinesMax } as const;
    await this.#ask(command, { shape, timeoutMs: this.#limits.listTimeoutMs, item });
  }

  async #message(command: string, sink: MessageSink): Promise<void> {
    const { messageBytesMax, messageTimeoutMs, bodyIdleTimeoutMs } = this.#limits;
    const shape: ReplyShape = { kind: "body", bytesMax: messageBytesMax };
    await this.#ask(command, { shape, timeoutMs: messageTimeoutMs, idleTimeoutMs: bodyIdleTimeoutMs, piece: sink });
  }

  async #ask(command: string, more: Omit<Ask, "command" | "step">): Promise<StatusLine> {
    const status = await this.#conversation.ask({ command, step: command, ...more });
    if (status.kind !== "ok") throw new Pop3Failure(refusalOf(status, command, "other"));
    return status;
  }
}

/** Asks CAPA; a server that does not know it has no capabilities. */
export async function askCapabilities(conversation: Conversation, limits: Readonly<Pop3Limits>): Promise<Capabilities> {
  const lines: string[] = [];
  const shape = { kind: "list", linesMax: limits.capabilitiesMax } as const;
  const status = await conversation.ask({
    command: "CAPA",
    step: "CAPA",
    shape,
    timeoutMs: limits.replyTimeoutMs,
    item: (line) => lines.push(line),
  });
  return readCapabilities(status.kind === "ok" ? lines : []);
}
