import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, KiB } from "#core/index.ts";
import type { AddressRule } from "./addresses.ts";
import { withDeadline } from "./deadline.ts";
import type { Dial } from "./dial.ts";
import { pop3Limits } from "./limits.ts";
import { Pop3Failure, type TokenFault } from "./problem.ts";
import { visible } from "./status-line.ts";

/** What a token is asked for with. The secrets go to this endpoint and nowhere else. */
export interface TokenRequest {
  /** `https` only; checked by {@link endpointProblem}. */
  endpoint: string;
  grant: "client-credentials" | "refresh-token";
  clientId: string;
  /** Empty: the endpoint decides. */
  scope: string;
  /** Empty for an application that has none. */
  clientSecret: string;
  /** Of a `refresh-token` grant. */
  refreshToken: string;
}

/** What an endpoint gave. */
export interface GivenToken {
  accessToken: string;
  /** Milliseconds it is good for; null when the endpoint does not say. */
  lifetimeMs: number | null;
  /** The refresh token that takes the place of the one there was; null when that stays. */
  refreshToken: string | null;
}

/** What a token is fetched with. */
export interface TokenParts {
  dial: Dial;
  clock: Clock;
  addresses: AddressRule;
}

/** Milliseconds for the whole exchange. */
const exchangeMs = 15_000;
/** Longest answer in octets: a token has a few KiB. */
const answerBytesMax = 64 * KiB;
/** Longest token in characters. */
const tokenCharactersMax = 16 * 1024;
/** Ports of endpoints where connectors may reach public addresses only: nobody shall use us to knock at others. */
const publicPorts: ReadonlySet<number> = new Set([443, 8443]);

/** What is wrong with the address of a token endpoint; null when nothing is. */
export function endpointProblem(text: string): string | null {
  if (text.length > 500 || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return "it is no URL";
  const { protocol, username, password, hash, hostname } = new URL(text);
  if (protocol !== "https:") return "it must begin with https://";
  if (username !== "" || password !== "") return "it must not hold a user or a password";
  if (hash !== "" || hostname === "") return "it must have a host and no #";
  return null;
}

/**
 * Asks for an access token, once. Redirects are not followed. What the endpoint says is told by its error code alone: it may
 * repeat what it was sent.
 *
 * @see RFC 6749 §4.4, §5 and §6
 * @throws Pop3Failure `token`
 */
export async function fetchToken(asked: TokenRequest, parts: TokenParts, signal: AbortSignal): Promise<GivenToken> {
  const url = new URL(asked.endpoint);
  const port = url.port === "" ? 443 : Number(url.port);
  const failure = (fault: TokenFault, detail: string, cause?: unknown) =>
    new Pop3Failure({ kind: "token", fault, endpoint: visible(url.host), detail }, cause);
  if (parts.addresses.kind === "public" && !publicPorts.has(port))
    throw failure("port-refused", `${port} is not ${[...publicPorts].join(" or ")}`);
  const late = () => failure("unreachable", "no answer in time");
  const { status, body } = await withDeadline(
    parts.clock,
    exchangeMs,
    signal,
    async (limit) => {
      const stream = await connected(url, port, parts, limit).catch((error: unknown) => {
        throw error instanceof Pop3Failure ? failure(faultOf(error), error.message, error) : error;
      });
      try {
        return await exchange(stream, url, formOf(asked), limit);
      } catch (error) {
        throw failure("unreachable", error instanceof Error ? visible(error.message) : "no answer", error);
      } finally {
        stream.destroy();
      }
    },
    late,
  );
  const answer = body === null ? null : jsonObject(body);
  if (status >= 200 && status < 300) {
    const given = tokenOf(answer);
    if (given === null) throw failure("not-an-answer", `status ${status}, ${body === null ? "too long" : "no token"}`);
    return given;
  }
  const { fault, detail } = refusalOf(status, answer);
  throw failure(fault, detail);
}

async function connected(url: URL, port: number, parts: TokenParts, signal: AbortSignal): Promise<Duplex> {
  const { dial, clock, addresses } = parts;
  // A URL writes IPv6 addresses in brackets.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const { stream } = await dial.connect({ host, port, addresses, limits: pop3Limits, clock, signal });
  const secured = await dial.secure({ stream, host, verify: { kind: "strict" }, limits: pop3Limits, clock, signal });
  return secured.stream;
}

function faultOf({ problem }: Pop3Failure): TokenFault {
  if (problem.kind === "address-refused") return "address-refused";
  return problem.kind === "tls" ? "tls" : "unreachable";
}

function formOf({ grant, clientId, clientSecret, scope, refreshToken }: TokenRequest): string {
  const fields = new URLSearchParams({ grant_type: grant.replace("-", "_"), client_id: clientId });
  if (clientSecret !== "") fields.set("client_secret", clientSecret);
  if (scope !== "") fields.set("scope", scope);
  if (grant === "refresh-token") fields.set("refresh_token", refreshToken);
  return fields.toString();
}

/** One request over a connection of its own. `body` is null when it is longer than is read. */
function exchange(
  stream: Duplex,
  url: URL,
  form: string,
  signal: AbortSignal,
): Promise<{ status: number; body: string | null }> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: url.host,
      "content-type": "application/x-www-form-urlencoded",
      "content-length": Buffer.byteLength(form),
      accept: "application/json",
      connection: "close",
    };
    const path = `${url.pathname}${url.search}`;
    const asking = httpRequest({ method: "POST", path, headers, signal, createConnection: () => stream });
    asking.once("error", reject);
    asking.once("response", (response: IncomingMessage) => {
      bodyOf(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asking.end(form);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > answerBytesMax) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function tokenOf(answer: Record<string, unknown> | null): GivenToken | null {
  const accessToken = textOf(answer?.access_token);
  if (accessToken === null) return null;
  const seconds = Number(answer?.expires_in);
  const lifetimeMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1_000 : null;
  return { accessToken, lifetimeMs, refreshToken: textOf(answer?.refresh_token) };
}

/** A token: visible characters, as XOAUTH2 can carry them; null for anything else. */
function textOf(value: unknown): string | null {
  return typeof value === "string" && value.length <= tokenCharactersMax && /^[\x21-\x7e]+$/.test(value) ? value : null;
}

/** By the error codes of RFC 6749 §5.2, and Microsoft's number, which says more. */
function refusalOf(status: number, answer: Record<string, unknown> | null): { fault: TokenFault; detail: string } {
  const code = typeof answer?.error === "string" && /^[a-z_]{1,64}$/.test(answer.error) ? answer.error : null;
  const number = /\bAADSTS\d{4,9}\b/.exec(String(answer?.error_description ?? ""))?.[0];
  const detail = [code ?? "no error code", ...(number === undefined ? [] : [number]), `status ${status}`].join(", ");
  if (status === 429 || status >= 500 || code === "temporarily_unavailable" || code === "server_error")
    return { fault: "busy", detail };
  switch (code) {
    case null:
      return { fault: "not-an-answer", detail };
    case "invalid_client":
    case "unauthorized_client":
      return { fault: "client", detail };
    case "invalid_grant":
    case "interaction_required":
    case "consent_required":
      return { fault: "grant", detail };
    case "invalid_scope":
    case "invalid_resource":
      return { fault: "scope", detail };
    default:
      return { fault: "refused", detail };
  }
}
