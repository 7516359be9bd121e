import { KiB, messageBytesMax } from "#core/index.ts";

/** What one listener, session or transaction may use. Every excess has its own answer; none costs memory. */
export interface SmtpLimits {
  /** Largest message in octets after dot-unstuffing, announced as SIZE (RFC 1870); above it 552. */
  messageBytesMax: number;
  /** Recipients of one transaction; the next is told 452, so that the sender repeats it (RFC 5321 §4.5.3.1.10). */
  recipientsMax: number;
  /** Longest command line in octets with its CRLF; above it 500. */
  commandBytesMax: number;
  /** Octets without CRLF after which the peer is taken for something else than a mail server: 421 and close. */
  lineBytesMax: number;
  /** Commands of one session that are answered with a syntax or sequence error; the next ends it with 421. */
  badCommandsMax: number;
  /** Connections open at one time; the next is told 421 and closed. */
  connectionsMax: number;
  /** Milliseconds in which the next whole command must come (RFC 5321 §4.5.3.2.7). */
  commandTimeoutMs: number;
  /** Milliseconds without a byte of a message body before the session ends (RFC 5321 §4.5.3.2.6). */
  dataTimeoutMs: number;
  /** Milliseconds a closed session waits for the peer to close too, so that the last reply is not cut off. */
  lingerMs: number;
}

/**
 * The limits a listener has unless told otherwise.
 *
 * The command line has room for the 512 octets of RFC 5321 and what SIZE, SMTPUTF8 and DSN add to it; 1,000 recipients
 * are ten times what a receiver must take; ten thousand idle connections cost some 100 MiB.
 */
export const smtpLimits: Readonly<SmtpLimits> = {
  messageBytesMax,
  recipientsMax: 1_000,
  commandBytesMax: 2 * KiB,
  lineBytesMax: 64 * KiB,
  badCommandsMax: 10,
  connectionsMax: 10_000,
  commandTimeoutMs: 5 * 60_000,
  dataTimeoutMs: 10 * 60_000,
  lingerMs: 5_000,
};
