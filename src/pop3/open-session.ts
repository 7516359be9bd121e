import type { Clock } from "#core/index.ts";
import type { AddressRule } from "./addresses.ts";
import type { Capabilities } from "./capabilities.ts";
import { Conversation } from "./conversation.ts";
import type { Dial } from "./dial.ts";
import { type Pop3Limits, pop3Limits } from "./limits.ts";
import { type LoginCommand, loginCommands, type Pop3Login, secretsOf } from "./login.ts";
import { Pop3Failure, refusalOf } from "./problem.ts";
import { askCapabilities, type Channel, Pop3Session } from "./session.ts";
import { type StatusLine, visible } from "./status-line.ts";
import { Transcript } from "./transcript.ts";
import type { TlsFacts, Verification } from "./trust.ts";
import { Wire } from "./wire.ts";

/** A server with a mailbox, and how we meet it. */
export interface Pop3Server {
  /** Name or address; the name is what certificates are checked against. */
  host: string;
  port: number;
  /** `implicit`: TLS from the first octet (995). `starttls`: STLS, or no login at all; there is no way back to clear. */
  tls: "none" | "starttls" | "implicit";
  verify: Verification;
  /** The least protection under which a secret is sent: a stated choice when it is less than `verified`. */
  secrets: "verified" | "unverified" | "clear";
  login: Pop3Login;
  addresses: AddressRule;
}

/** What a session is held with. */
export interface SessionParts {
  dial: Dial;
  clock: Clock;
  limits?: Partial<Pop3Limits>;
  /** Receives the transcript also of a session that fails before it is logged in. */
  transcript?: Transcript;
}

/**
 * Connects, protects the connection, and logs in.
 *
 * No secret leaves before the connection has the protection `server.secrets` demands. Aborting `signal` cuts the session at
 * any time, also later. An access token that is refused is tried anew once, on a connection of its own: it may have been taken
 * back before its time.
 *
 * @throws Pop3Failure whatever the reason; then nothing is left open
 */
export async function openSession(server: Pop3Server, parts: SessionParts, signal: AbortSignal): Promise<Pop3Session> {
  const { login } = server;
  if (login.kind === "password") return openOnce(server, parts, signal, async () => "");
  let used: string | null = null;
  const first = async () => {
    used = await login.source.token(null, signal);
    return used;
  };
  try {
    return await openOnce(server, parts, signal, first);
  } catch (error) {
    if (used === null || !(error instanceof Pop3Failure) || error.problem.kind !== "auth") throw error;
    const other = await login.source.token(used, signal);
    if (other === used) throw error;
    return openOnce(server, parts, signal, async () => other);
  }
}

/** @param token gives the access token; asked only once the connection may carry it */
async function openOnce(
  server: Pop3Server,
  parts: SessionParts,
  signal: AbortSignal,
  token: () => Promise<string>,
): Promise<Pop3Session> {
  const limits = { ...pop3Limits, ...parts.limits };
  const transcript = parts.transcript ?? new Transcript(parts.clock, limits.transcriptLinesMax);
  const { clock, dial } = parts;
  const { host, port, addresses, verify } = server;
  const note = (failure: unknown): never => {
    if (failure instanceof Pop3Failure) transcript.add("*", failure.message);
    throw failure;
  };
  const connected = await dial.connect({ host, port, addresses, limits, clock, signal }).catch(note);
  transcript.add("*", `connected to ${connected.peer}`);
  let { stream } = connected;
  let tls: TlsFacts | null = null;
  const secure = async () => {
    ({ stream, facts: tls } = await dial.secure({ stream, host, verify, limits, clock, signal }));
    transcript.add("*", `${tls.version} ${tls.cipher}, certificate ${tls.fingerprint} verified ${tls.verified}`);
  };
  if (server.tls === "implicit") await secure().catch(note);

  const conversation = new Conversation({ wire: new Wire(stream), limits, clock, transcript });
  const cut = () => conversation.end({ kind: "lost", step: "session", detail: "ended by us" });
  signal.addEventListener("abort", cut, { once: true, signal: conversation.ended });
  try {
    const greeting = await greetingOf(conversation, limits);
    let capabilities = await askCapabilities(conversation, limits);
    if (server.tls === "starttls") {
      await stls(conversation, capabilities, limits);
      const released = conversation.release();
      if (released === null) throw new Pop3Failure({ kind: "stls", fault: "injected", said: "" });
      stream = released;
      await secure();
      conversation.resume(new Wire(stream));
      capabilities = await askCapabilities(conversation, limits);
    }
    if (signal.aborted) throw cut();
    await logIn(conversation, server, { tls, greeting, capabilities, limits, transcript, token });
    capabilities = await askCapabilities(conversation, limits);
    const channel: Channel = { peer: connected.peer, tls };
    return new Pop3Session({ conversation, channel, capabilities, limits, transcript });
  } catch (error) {
    stream.destroy();
    if (error instanceof Pop3Failure) throw conversation.end(error.problem);
    cut();
    throw error;
  }
}

async function greetingOf(conversation: Conversation, limits: Readonly<Pop3Limits>): Promise<string> {
  const timeoutMs = limits.replyTimeoutMs;
  const greeting = await conversation.ask({ command: null, step: "greeting", shape: { kind: "line" }, timeoutMs });
  if (greeting.kind !== "ok") throw new Pop3Failure(refusalOf(greeting, "greeting", "other"));
  return greeting.text;
}

async function stls(conversation: Conversation, offered: Capabilities, limits: Readonly<Pop3Limits>): Promise<void> {
  if (!offered.argumentsByTag.has("STLS")) throw new Pop3Failure({ kind: "stls", fault: "not-offered", said: "" });
  const timeoutMs = limits.replyTimeoutMs;
  const answer = await conversation.ask({ command: "STLS", step: "STLS", shape: { kind: "line" }, timeoutMs });
  if (answer.kind !== "ok") throw new Pop3Failure({ kind: "stls", fault: "refused", said: visible(answer.text) });
}

interface LoginFacts {
  tls: TlsFacts | null;
  greeting: string;
  capabilities: Capabilities;
  limits: Readonly<Pop3Limits>;
  transcript: Transcript;
  token(): Promise<string>;
}

async function logIn(conversation: Conversation, { login, secrets }: Pop3Server, facts: LoginFacts): Promise<void> {
  const { tls, greeting, capabilities, limits, transcript } = facts;
  if (tls === null && secrets !== "clear") throw new Pop3Failure({ kind: "secret-withheld", reason: "clear" });
  if (tls?.verified === "not" && secrets === "verified")
    throw new Pop3Failure({ kind: "secret-withheld", reason: "unverified" });
  const token = await facts.token();
  const commands = loginCommands(login, greeting, capabilities, token);
  if (commands === null) {
    const offered = [...capabilities.argumentsByTag.keys()].join(" ");
    throw new Pop3Failure({ kind: "no-mechanism", offered: visible(offered) });
  }
  for (const secret of secretsOf(login, commands, token)) transcript.hide(secret);
  for (const command of commands) {
    const answer = await exchange(conversation, command, limits);
    const kind = capabilities.argumentsByTag.has("AUTH-RESP-CODE") ? "login-with-codes" : "login";
    if (answer.kind !== "ok") throw new Pop3Failure(refusalOf(answer, command.step, kind));
  }
}

/** One command with what it is asked for: the response once, and an empty line to whatever is asked beyond that. */
async function exchange(
  conversation: Conversation,
  { command, step, response }: LoginCommand,
  { replyTimeoutMs }: Readonly<Pop3Limits>,
): Promise<StatusLine> {
  const ask = (line: string, shown: string) =>
    conversation.ask({ command: line, step: shown, shape: { kind: "challenge" }, timeoutMs: replyTimeoutMs });
  let answer = await ask(command, step);
  if (answer.kind === "challenge" && response !== null) answer = await ask(response, `${step} ****`);
  // XOAUTH2 tells why it refuses in a challenge; an empty line asks for the refusal itself.
  if (answer.kind === "challenge") answer = await ask("", `${step} (empty)`);
  return answer.kind === "challenge" ? { kind: "err", code: null, text: "it keeps asking" } : answer;
}
