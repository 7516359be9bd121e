import { KiB, MiB, messageBytesMax } from "#core/index.ts";

/** What one POP3 server may take of us. Every excess ends the session or passes over the message; none costs memory. */
export interface Pop3Limits {
  /** Longest status line in octets with its line end: eight times RFC 2449's 512, for chatty greetings. */
  statusBytesMax: number;
  /** Longest line of CAPA, LIST and UIDL in octets with its line end; a UIDL has 70 characters (RFC 1939 §7). */
  listLineBytesMax: number;
  /** Most lines of one LIST or UIDL: ten times the largest mailbox anyone drains. */
  listLinesMax: number;
  /** Most lines of CAPA; the registry has some twenty. */
  capabilitiesMax: number;
  /** Largest message in octets after dot-unstuffing. */
  messageBytesMax: number;
  /** Most RETR, TOP or DELE sent ahead of their answers, where CAPA offers PIPELINING. */
  outstandingMax: number;
  /** Octets by LIST beyond which no further RETR is sent ahead: a large message is asked for alone. */
  outstandingBytesMax: number;
  /** Milliseconds for the name to resolve and one address to answer. */
  connectTimeoutMs: number;
  /** Milliseconds for the TLS handshake. */
  tlsTimeoutMs: number;
  /** Milliseconds for the greeting and each answer of one line: servers delay refused logins, some by 30 seconds. */
  replyTimeoutMs: number;
  /** Milliseconds for a whole CAPA, LIST or UIDL. */
  listTimeoutMs: number;
  /** Milliseconds without an octet of a message before the session is given up. */
  bodyIdleTimeoutMs: number;
  /** Milliseconds for one whole message: 256 MiB at 150 KB/s; a server of 1 byte/s does not hold us for ever. */
  messageTimeoutMs: number;
  /** Milliseconds for the answer to QUIT, in which the server deletes (RFC 1939 §6). */
  quitTimeoutMs: number;
  /** Newest lines kept of a session's transcript. */
  transcriptLinesMax: number;
}

/** The limits a session has unless told otherwise. */
export const pop3Limits: Readonly<Pop3Limits> = {
  statusBytesMax: 4 * KiB,
  listLineBytesMax: 1 * KiB,
  listLinesMax: 1_000_000,
  capabilitiesMax: 100,
  messageBytesMax,
  outstandingMax: 64,
  outstandingBytesMax: 8 * MiB,
  connectTimeoutMs: 10_000,
  tlsTimeoutMs: 15_000,
  replyTimeoutMs: 60_000,
  listTimeoutMs: 10 * 60_000,
  bodyIdleTimeoutMs: 60_000,
  messageTimeoutMs: 30 * 60_000,
  quitTimeoutMs: 5 * 60_000,
  transcriptLinesMax: 400,
};
