import type { Instant, ReceiptId } from "#core/index.ts";
import { DotReader, must } from "#core/index.ts";
import type { Intake, Sender } from "#spool/index.ts";
import { type Command, readCommand } from "./command.ts";
import type { Effect, Ending, Refusal, SessionTally } from "./effect.ts";
import type { SmtpLimits } from "./limits.ts";
import { type Line, LineReader } from "./line-reader.ts";
import { LoginExchange, type LoginStep } from "./login.ts";
import { checkRcptParameters, readMailParameters } from "./parameters.ts";
import { readPath } from "./path.ts";
import { Patience } from "./patience.ts";
import { accepted, extensions, greeting, replies, unpermittedReplies, vainOf } from "./replies.ts";
import { type Chunk, moreHopeful, type Transaction } from "./transaction.ts";
import { bareVerbs, idleVerbs, proxySignatureLine, shown, shownVerbs, webVerbs } from "./verbs.ts";

/** What a session must know of the world. Nothing here waits. */
export interface SessionSurroundings {
  hostname: string;
  limits: Readonly<SmtpLimits>;
  intake: Pick<Intake, "admit" | "state">;
  /** Whether the conversation is under TLS from its first octet. */
  isSecure: boolean;
  /** Whether STARTTLS can be done. */
  canSecure: boolean;
  /** Whether there is someone who knows users. */
  canLogIn: boolean;
  /** Who the peer is, besides what it says in the session. */
  peer(): Pick<Sender, "address" | "tls" | "certificate">;
  now(): Instant;
  /** Told of every 5xx before it is said. */
  refused(refusal: Refusal): void;
}

/**
 * One SMTP conversation as a machine without sockets: octets in, effects out.
 *
 * The driver gives it a chunk with `take`, carries out effects until `next` returns null, and says `quiet` when the peer
 * has sent nothing more. How the octets were cut into chunks between two `quiet`s changes nothing. It never throws on
 * what a peer sends, and never holds more of it than one command line.
 *
 * @see RFC 5321, 2920 (pipelining), 3030 (BDAT), 1870 (SIZE), 6531 (SMTPUTF8), 3461 (DSN parameters), 3207 (STARTTLS),
 *   4954 (AUTH), 8689 (REQUIRETLS)
 */
export class Session {
  readonly #surroundings: SessionSurroundings;
  readonly #patience: Patience;
  readonly #effects: Effect[] = [];
  readonly #tally: SessionTally = {
    helo: null,
    user: null,
    accepted: 0,
    acceptedBytes: 0,
    temporary: 0,
    permanent: 0,
  };
  #lines: LineReader;
  #isSecure: boolean;
  #state: State = "silent";
  #input: Buffer = nothing;
  #at = 0;
  #transaction: Transaction | null = null;
  /** Why the last MAIL was put off: what was pipelined behind it gets the same 4xx, never a 5xx for our trouble. */
  #putOff: string | null = null;
  #dots = new DotReader();
  #chunk: Chunk = { left: 0, bytes: 0, isLast: false, reply: null };
  #login: LoginExchange | null = null;
  /** The command being answered, as a {@link Refusal} shows it. */
  #command = "(none)";
  /** Why the intake refused, for the next 5xx. */
  #reason: string | null = null;
  /** The recipient that was refused, likewise. */
  #recipient: string | null = null;
  #isStopping = false;
  /** What is done when the peer keeps quiet after EHLO, HELO or DATA. */
  #afterQuiet: () => string | null = () => null;

  constructor(surroundings: SessionSurroundings) {
    this.#surroundings = surroundings;
    this.#isSecure = surroundings.isSecure;
    this.#patience = new Patience(surroundings.limits);
    this.#lines = new LineReader(surroundings.limits.commandBytesMax, surroundings.limits.lineBytesMax);
  }

  /** Says the greeting. A peer that spoke before it is sent away (early talkers are no mail servers). */
  greet(): void {
    if (this.#state !== "silent") return;
    this.#state = "command";
    if (this.#isStopping) this.#close("stopping", replies.stopping);
    else this.#reply(greeting(this.#surroundings.hostname));
  }

  /** Takes the next octets; only after `next` returned null. They must not be changed afterwards. */
  take(chunk: Buffer): void {
    // Octets behind STARTTLS came in clear, so anyone may have put them there: they are nobody's.
    if (this.#state === "closed" || this.#state === "securing") return;
    must(this.#at === this.#input.length, "a chunk is taken after the one before was read");
    this.#input = chunk;
    this.#at = 0;
  }

  /** What is to be done next, or null when more input is needed. */
  next(): Effect | null {
    for (;;) {
      const effect = this.#effects.shift();
      if (effect !== undefined) return effect;
      if (!this.#step()) return null;
    }
  }

  /**
   * The peer has sent nothing beyond what was taken, so a command that must come last in its group is answered now.
   *
   * @returns whether there was one; then there are effects to carry out
   */
  quiet(): boolean {
    if (this.#state !== "waiting") return false;
    this.#state = "command";
    const reply = this.#afterQuiet();
    if (reply !== null) this.#reply(reply);
    return true;
  }

  /** The item is durable under this receipt. */
  committed(receipt: ReceiptId): void {
    must(this.#state === "committing", "a commit was asked for");
    this.#tally.accepted += 1;
    this.#tally.acceptedBytes += this.#transaction?.bytes ?? 0;
    this.#patience.renew();
    this.#endBody(accepted(receipt));
  }

  /** The spool could not do what was asked; the driver has let go of the item. */
  failed(trouble: "full" | "fault"): void {
    const transaction = this.#transaction;
    if (transaction === null) return;
    transaction.isOpen = false;
    transaction.trouble ??= trouble === "full" ? replies.spoolFull : replies.spoolFault;
    if (this.#state === "committing") this.#endBody(transaction.trouble);
  }

  /** TLS is on: everything the peer said before is forgotten (RFC 3207 §4.2). */
  secured(): void {
    must(this.#state === "securing", "TLS was asked for");
    const { commandBytesMax, lineBytesMax } = this.#surroundings.limits;
    this.#state = "command";
    this.#isSecure = true;
    this.#lines = new LineReader(commandBytesMax, lineBytesMax);
    this.#tally.helo = null;
    if (this.#isStopping) this.#close("stopping", replies.stopping);
  }

  /** Whether the password was the user's; `unknown` when nobody could say. */
  authenticated(user: string, verdict: "yes" | "no" | "unknown"): void {
    if (this.#state !== "checking") return; // the session was stopped meanwhile
    this.#state = "command";
    if (verdict === "yes") this.#tally.user = user;
    this.#reply(verdict === "yes" ? replies.loginOk : verdict === "no" ? replies.loginWrong : replies.loginLater);
  }

  /** No transaction may begin any more: ends at once, or after one that has begun and may come to something. May be repeated. */
  stop(): void {
    this.#isStopping = true;
    const transaction = this.#transaction;
    // Nothing can come of a transaction without an admitted recipient, and it could stay open for minutes: none is waited for.
    const isOver = transaction === null || transaction.rcptTo.length === 0;
    if (isOver && this.#state !== "silent" && this.#state !== "securing") this.#close("stopping", replies.stopping);
  }

  /** Ends a session whose peer was silent for too long, or whose transaction took too long. */
  expire(cause: "timeout" | "slow"): void {
    this.#close(cause, cause === "slow" ? replies.slow : replies.idle);
  }

  /** What must come to an end in time, with the octets it has brought: another object is another transfer. */
  get transfer(): Readonly<{ bytes: number }> | null {
    return this.#transaction ?? (this.#state === "chunk" ? this.#chunk : null);
  }

  /** Whether the peer is sending a body, which has a timeout of its own. */
  get isInBody(): boolean {
    return this.#state === "data" || this.#state === "chunk";
  }

  get tally(): Readonly<SessionTally> {
    return this.#tally;
  }

  /** Reads on by one command or piece of a body; false when there is nothing to read. */
  #step(): boolean {
    switch (this.#state) {
      case "closed":
      case "committing":
      case "securing":
      case "checking":
        return false;
      case "opening":
        if (this.#transaction !== null) this.#beginData(this.#transaction);
        return true;
      case "ending":
        this.#commit();
        return true;
    }
    if (this.#state === "chunk" && this.#chunk.left === 0) {
      this.#endChunk();
      return true;
    }
    if (this.#at === this.#input.length) {
      this.#input = nothing; // an idle session must not keep what it has read
      this.#at = 0;
      return false;
    }
    switch (this.#state) {
      case "silent":
        this.#close("protocol", replies.spokeFirst);
        break;
      case "waiting":
        this.#close("protocol", replies.spokeEarly);
        break;
      case "command":
        this.#readCommand();
        break;
      case "data":
        this.#readData();
        break;
      case "chunk":
        this.#readChunk();
        break;
    }
    return true;
  }

  #readCommand(): void {
    const { line, next } = this.#lines.take(this.#input, this.#at);
    this.#at = next;
    if (line === null) return;
    const reply = this.#obey(line);
    if (reply !== null) this.#reply(reply);
  }

  /** Does what a line says. Returns the answer, or null when it was given already or comes later. */
  #obey(line: Line): string | null {
    if (line.kind === "endless") return this.#close("protocol", replies.lineEndless);
    if (this.#login !== null) return this.#goOnWithLogin(this.#login, line);
    this.#command = "(no command)";
    if (line.kind === "long") return replies.lineLong;
    if (line.bytes.equals(proxySignatureLine)) return this.#close("protocol", replies.notProxy);
    const command = readCommand(line.bytes);
    const { verb, rest, script } = command;
    if (shownVerbs.has(verb)) this.#command = shown(`${verb} ${rest}`);
    if (verb === "AUTH" || webVerbs.has(verb)) this.#command = verb;
    const isEnough = idleVerbs.has(verb) ? this.#patience.spend("idle") : null;
    if (isEnough !== null) return this.#close("flood", isEnough);
    if (verb === "BDAT") return this.#bdat(script === "ascii" ? rest : "");
    if (script === "unreadable") return replies.unreadable;
    if (rest !== "" && bareVerbs.has(verb)) return replies.argument;
    switch (verb) {
      case "EHLO":
      case "HELO":
        return this.#hello(command);
      case "STARTTLS":
        return this.#startTls(rest);
      case "AUTH":
        return this.#beginLogin(rest);
      case "PROXY":
        return this.#close("protocol", replies.notProxy);
      case "MAIL":
        return this.#mail(command);
      case "RCPT":
        return this.#rcpt(command);
      case "DATA":
        return this.#waitForQuiet(() => this.#data());
      case "RSET":
        return this.#endTransaction(replies.ok);
      case "NOOP":
        return replies.ok;
      case "VRFY":
        return rest === "" ? replies.argument : replies.cannotVerify;
      case "HELP":
        return replies.help;
      case "QUIT":
        return this.#close("quit", replies.goodbye);
      case "EXPN":
      case "ETRN":
      case "TURN":
        return replies.notImplemented;
      default:
        return webVerbs.has(verb) ? this.#close("protocol", replies.notMail) : replies.unknown;
    }
  }

  /** EHLO and DATA end a group (RFC 2920 §3.1): who goes on before their reply is no mail server, or was led astray. */
  #waitForQuiet(then: () => string | null): null {
    this.#state = "waiting";
    this.#afterQuiet = then;
    return null;
  }

  #hello({ verb, rest, script }: Command): string | null {
    if (!/^[^ ]{1,255}$/.test(rest) || script !== "ascii") return replies.helloName;
    return this.#waitForQuiet(() => {
      const { hostname, limits, canSecure, canLogIn } = this.#surroundings;
      const offers = {
        tls: canSecure && !this.#isSecure,
        login: canLogIn && this.#isSecure,
        requireTls: this.#isSecure,
      };
      this.#tally.helo = rest;
      return this.#endTransaction(verb === "EHLO" ? extensions(hostname, limits, offers) : `250 ${hostname}`);
    });
  }

  #startTls(rest: string): string | null {
    if (this.#isSecure) return replies.tlsAlready;
    if (!this.#surroundings.canSecure) return replies.notImplemented;
    if (rest !== "") return replies.argument;
    if (this.#transaction !== null) return replies.notInTransaction;
    this.#state = "securing";
    this.#putOff = null;
    this.#input = nothing;
    this.#at = 0;
    this.#say(replies.tlsReady);
    this.#effects.push({ kind: "secure" });
    return null;
  }

  #beginLogin(rest: string): string | null {
    if (!this.#surroundings.canLogIn) return replies.notImplemented;
    if (!this.#isSecure) return replies.loginInClear;
    if (this.#tally.helo === null) return replies.helloFirst;
    if (this.#transaction !== null) return replies.notInTransaction;
    if (this.#tally.user !== null) return replies.loginTwice;
    const begun = LoginExchange.begin(rest);
    if (typeof begun === "string") return begun;
    return this.#follow(begun.exchange, begun.step);
  }

  #goOnWithLogin(login: LoginExchange, line: Line): string | null {
    this.#login = null;
    return line.kind === "line" ? this.#follow(login, login.take(line.bytes.toString("latin1"))) : replies.lineLong;
  }

  #follow(login: LoginExchange, step: LoginStep): string | null {
    if (step.kind === "off") return step.reply;
    if (step.kind === "ask") {
      this.#login = login;
      return step.reply;
    }
    this.#state = "checking";
    this.#effects.push({ kind: "authenticate", user: step.user, password: step.password });
    return null;
  }

  #mail({ rest, script }: Command): string | null {
    if (this.#tally.helo === null) return replies.helloFirst;
    if (this.#transaction !== null) return replies.mailTwice;
    this.#putOff = null;
    const path = readPath("FROM", rest);
    if (path === null) return replies.senderSyntax;
    const parameters = readMailParameters(path.parameters);
    if (typeof parameters === "string") return parameters;
    if (script !== "ascii" && !parameters.utf8) return replies.addressNotAscii;
    if (parameters.requireTls && !this.#isSecure) return replies.tlsFirst;
    if (parameters.size > this.#surroundings.limits.messageBytesMax) return replies.messageLarge;
    const spool = this.#surroundings.intake.state();
    if (spool.kind === "suspect") return this.#close("suspect", replies.spoolSuspect);
    if (spool.kind === "full") {
      this.#putOff = replies.spoolFull;
      return replies.spoolFull;
    }
    this.#transaction = {
      mailFrom: path.address,
      rcptTo: [],
      destination: null,
      begunAt: this.#surroundings.now(),
      utf8: parameters.utf8,
      binary: parameters.binary,
      refusal: null,
      hasChunks: false,
      bytes: 0,
      isOpen: false,
      trouble: null,
    };
    return replies.senderOk;
  }

  #rcpt({ rest, script }: Command): string {
    const transaction = this.#transaction;
    if (transaction === null) return this.#putOff ?? replies.mailFirst;
    if (transaction.hasChunks) return replies.chunksBegun;
    const path = readPath("TO", rest);
    if (path === null || path.address === "") return replies.recipientSyntax;
    if (script !== "ascii" && !transaction.utf8) return replies.addressNotAscii;
    const wrongParameters = checkRcptParameters(path.parameters);
    if (wrongParameters !== null) return wrongParameters;
    const refusal = this.#admit(transaction, path.address);
    transaction.refusal = moreHopeful(transaction.refusal, refusal);
    return refusal ?? replies.recipientOk;
  }

  /** Adds the recipient, or returns why not. */
  #admit(transaction: Transaction, address: string): string | null {
    if (transaction.rcptTo.length >= this.#surroundings.limits.recipientsMax) return replies.recipientsMany;
    const { intake, peer } = this.#surroundings;
    const { helo, user } = this.#tally;
    const admission = intake.admit(address, { ...peer(), helo, user });
    if (admission.kind === "refused") {
      this.#reason = admission.reason;
      this.#recipient = address;
      return replies.recipientRefused;
    }
    if (admission.kind === "deferred") return replies.recipientDeferred;
    if (admission.kind === "unpermitted") return unpermittedReplies[admission.lacking];
    const { tenant, connector } = admission.destination;
    transaction.destination ??= admission.destination;
    // One item is booked at one connector; told 452, the sender sends a copy of its own for the other.
    if (transaction.destination.tenant !== tenant || transaction.destination.connector !== connector) {
      return replies.recipientApart;
    }
    transaction.rcptTo.push(address);
    return null;
  }

  #data(): string | null {
    const transaction = this.#transaction;
    const refusal = this.#whyNoBody();
    if (transaction === null || refusal !== null) return refusal;
    if (transaction.hasChunks) return replies.chunksBegun;
    if (transaction.binary) return replies.binaryNeedsChunks;
    this.#open(transaction);
    this.#state = "opening";
    return null;
  }

  #beginData(transaction: Transaction): void {
    this.#state = "data";
    this.#dots = new DotReader();
    if (transaction.trouble === null) this.#reply(replies.goOn);
    else this.#endBody(transaction.trouble);
  }

  #readData(): void {
    const { content, next, ended } = this.#dots.take(this.#input, this.#at);
    this.#at = next;
    this.#write(content);
    if (ended) this.#state = "ending";
  }

  /** A chunk whose size is not known cannot be told from commands, so a wrong BDAT ends the session. */
  #bdat(rest: string): null {
    const [, digits, last] = /^([0-9]+)(?: +(LAST))?$/i.exec(rest) ?? [];
    const bytes = Number(digits);
    if (digits === undefined || !Number.isSafeInteger(bytes)) return this.#close("protocol", replies.chunkSize);
    const refusal = this.#whyNoBody();
    const transaction = this.#transaction;
    if (transaction !== null && refusal === null && !transaction.hasChunks) {
      transaction.hasChunks = true;
      this.#open(transaction);
    }
    this.#chunk = { left: bytes, bytes: 0, isLast: last !== undefined, reply: refusal };
    this.#state = "chunk";
    return null;
  }

  #open(transaction: Transaction): void {
    transaction.isOpen = true;
    this.#effects.push({ kind: "open" });
  }

  #readChunk(): void {
    const piece = this.#input.subarray(this.#at, this.#at + Math.min(this.#chunk.left, this.#input.length - this.#at));
    this.#at += piece.length;
    this.#chunk.left -= piece.length;
    this.#chunk.bytes += piece.length;
    if (this.#chunk.reply === null) this.#write(piece);
  }

  #endChunk(): void {
    const endsBody = this.#chunk.reply === null && this.#chunk.isLast;
    this.#state = endsBody ? "ending" : "command";
    if (endsBody) return;
    this.#reply(this.#chunk.reply ?? this.#transaction?.trouble ?? replies.chunkOk);
  }

  /** Why no body may come now, or null; temporary when what it lacks may be there later. */
  #whyNoBody(): string | null {
    const transaction = this.#transaction;
    if (transaction === null) return this.#putOff ?? replies.mailFirst;
    if (transaction.rcptTo.length > 0) return null;
    if (transaction.refusal === null) return replies.recipientFirst;
    return transaction.refusal.startsWith("4") ? replies.recipientsLater : replies.recipientsNone;
  }

  #write(piece: Uint8Array): void {
    const transaction = this.#transaction;
    if (transaction === null || piece.length === 0 || transaction.trouble !== null) return;
    transaction.bytes += piece.length;
    if (transaction.bytes <= this.#surroundings.limits.messageBytesMax) {
      this.#effects.push({ kind: "write", piece });
    } else {
      // Read on to the true end: what is left of the body must never be taken for commands.
      transaction.trouble = replies.messageLarge;
      this.#abandon();
    }
  }

  #commit(): void {
    const transaction = this.#transaction;
    must(transaction?.destination, "a body has a transaction with a recipient");
    const { mailFrom, rcptTo, destination, begunAt, trouble } = transaction;
    if (trouble !== null) {
      this.#endBody(trouble);
      return;
    }
    this.#state = "committing";
    this.#effects.push({
      kind: "commit",
      mail: { helo: this.#tally.helo ?? "", mailFrom, rcptTo, destination, begunAt, user: this.#tally.user },
    });
  }

  #endBody(reply: string): void {
    this.#state = "command";
    if (this.#transaction !== null) this.#transaction.isOpen = false;
    this.#endTransaction(reply);
  }

  #endTransaction(reply: string): null {
    this.#abandon();
    this.#transaction = null;
    this.#putOff = null;
    this.#reply(reply);
    return this.#isStopping ? this.#close("stopping", replies.stopping) : null;
  }

  #abandon(): void {
    if (!this.#transaction?.isOpen) return;
    this.#transaction.isOpen = false;
    this.#effects.push({ kind: "abandon" });
  }

  #reply(text: string): void {
    const vain = vainOf(text);
    const isEnough = vain === null ? null : this.#patience.spend(vain);
    if (isEnough === null) this.#say(text);
    else this.#close(vain === "bad" ? "protocol" : "flood", isEnough);
  }

  #say(text: string): void {
    if (text.startsWith("4")) this.#tally.temporary += 1;
    if (text.startsWith("5")) {
      this.#tally.permanent += 1;
      const reason = this.#reason ?? text.replace(/^[0-9]{3} [0-9.]+ /, "");
      const recipient = this.#recipient ?? this.#transaction?.rcptTo[0] ?? null;
      const { helo } = this.#tally;
      this.#surroundings.refused({ command: this.#command, reply: text, reason, helo, recipient });
    }
    this.#reason = null;
    this.#recipient = null;
    this.#effects.push({ kind: "reply", text });
  }

  #close(ending: Ending, reply: string): null {
    if (this.#state === "closed") return null;
    this.#state = "closed";
    this.#input = nothing;
    this.#at = 0;
    this.#abandon();
    this.#transaction = null;
    this.#say(reply);
    this.#effects.push({ kind: "close", ending });
    return null;
  }
}

type State =
  /** Before the greeting. */
  | "silent"
  | "command"
  /** EHLO, HELO or DATA was read; anything that follows before the reply is an offence. */
  | "waiting"
  /** The spool is asked for an item, before 354. */
  | "opening"
  | "data"
  | "chunk"
  /** The body is complete; only now is it known whether its last piece could be written. */
  | "ending"
  | "committing"
  /** STARTTLS was answered 220; nothing is read before TLS is on. */
  | "securing"
  /** A password is being checked. */
  | "checking"
  | "closed";

const nothing: Buffer = Buffer.alloc(0);
