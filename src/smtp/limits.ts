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
  /** Connections open at one time, whoever they are from; the next is told 421 and closed. */
  connectionsMax: number;
  /** Connections open at one time from addresses that are not preferred; the rest is kept for those that are. */
  connectionsOfOthersMax: number;
  /** Connections open at one time from one address that is not preferred. */
  connectionsPerAddressMax: number;
  /**
   * Commands of one session that move no mail (NOOP, RSET, EHLO, VRFY ...) since the last mail was accepted; the next ends
   * it with 421.
   */
  idleCommandsMax: number;
  /** Recipients of one session that are answered 550, or 451 as the sender may not send to them; the next ends it with 421, which loses no mail. */
  refusedRecipientsMax: number;
  /** Logins of one session that fail; the next ends it with 421 (RFC 4954 §4). */
  failedLoginsMax: number;
  /** Milliseconds in which the next whole command must come (RFC 5321 §4.5.3.2.7). */
  commandTimeoutMs: number;
  /** Milliseconds without a byte of a message body before the session ends (RFC 5321 §4.5.3.2.6). */
  dataTimeoutMs: number;
  /**
   * Milliseconds a transaction may take from MAIL to its end, not counting what we take ourselves. Each
   * {@link bytesPerSecondMin} octets of its body add a second.
   */
  transactionTimeoutMs: number;
  /** Octets a second below which a body uses up its transaction's time. */
  bytesPerSecondMin: number;
  /** Milliseconds in which a TLS handshake must be done. */
  handshakeTimeoutMs: number;
  /** Milliseconds in which the header of the PROXY protocol must be there. */
  proxyTimeoutMs: number;
  /** Milliseconds a closed session waits for the peer to close too, so that the last reply is not cut off. */
  lingerMs: number;
}

/**
 * The limits a listener has unless told otherwise.
 *
 * The command line has room for the 512 octets of RFC 5321 and what SIZE, SMTPUTF8 and DSN add to it; 1,000 recipients
 * are ten times what a receiver must take; ten thousand idle connections cost some 100 MiB,
 * and a tenth of them is kept for preferred senders. Fifty connections of one address are twice what Postfix opens to one
 * destination. Five hundred octets a second is Postfix's `smtpd_min_data_rate`; a hundred idle commands its
 * `smtpd_junk_command_limit`. A handshake is a few round trips, a proxy's header comes with the connection.
 */
export const smtpLimits: Readonly<SmtpLimits> = {
  messageBytesMax,
  recipientsMax: 1_000,
  commandBytesMax: 2 * KiB,
  lineBytesMax: 64 * KiB,
  badCommandsMax: 10,
  connectionsMax: 10_000,
  connectionsOfOthersMax: 9_000,
  connectionsPerAddressMax: 50,
  idleCommandsMax: 100,
  refusedRecipientsMax: 1_000,
  failedLoginsMax: 3,
  commandTimeoutMs: 5 * 60_000,
  dataTimeoutMs: 10 * 60_000,
  transactionTimeoutMs: 15 * 60_000,
  bytesPerSecondMin: 500,
  handshakeTimeoutMs: 60_000,
  proxyTimeoutMs: 10_000,
  lingerMs: 5_000,
};
