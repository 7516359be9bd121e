import type { ReceiptId } from "#core/index.ts";
import type { Lacking } from "#spool/index.ts";
import type { SmtpLimits } from "./limits.ts";
import type { Vain } from "./patience.ts";

/**
 * Every sentence we say, without the final CRLF. Enhanced codes after RFC 3463 and RFC 2034.
 *
 * 4xx is what a sender repeats, 5xx is mail lost to the archive: only what the peer does wrong, or is not ours, is 5xx.
 * No reply repeats what the peer said, so nothing can be smuggled into its log or bounce.
 */
export const replies = {
  ok: "250 2.0.0 ok",
  senderOk: "250 2.1.0 sender ok",
  recipientOk: "250 2.1.5 recipient ok",
  chunkOk: "250 2.0.0 chunk taken",
  goOn: "354 end with a line that is a single dot",
  goodbye: "221 2.0.0 goodbye",
  cannotVerify: "252 2.0.0 cannot verify, send the mail and see",
  help: "214 2.0.0 EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT, see RFC 5321",
  tlsReady: "220 2.0.0 begin TLS",
  loginOk: "235 2.7.0 logged in",
  loginGoOn: "334 ",
  /** "Username:" and "Password:" in base64, which is all that clients of AUTH LOGIN know. */
  loginUser: "334 VXNlcm5hbWU6",
  loginPassword: "334 UGFzc3dvcmQ6",

  spoolFull: "452 4.3.1 no room for mail now, try again later",
  spoolFault: "451 4.3.0 the mail could not be made durable, try again later",
  spoolSuspect: "421 4.3.0 not taking mail now, try again later",
  recipientDeferred: "451 4.3.0 this journal address takes no mail now, try again later",
  recipientUnpermitted: "451 4.7.1 this journal address takes no mail from you yet, ask whoever runs the archive",
  recipientNeedsTls: "451 4.7.0 this journal address takes mail under TLS only",
  recipientNeedsLogin: "451 4.7.0 this journal address takes mail from its own login only",
  recipientNeedsCertificate: "451 4.7.0 this journal address asks for another client certificate",
  recipientApart: "452 4.5.3 this recipient needs a transaction of its own",
  recipientsMany: "452 4.5.3 too many recipients, send the rest in another transaction",
  recipientsLater: "451 4.5.1 no recipient can be taken now, try again later",

  stopping: "421 4.3.2 shutting down, try again later",
  idle: "421 4.4.2 timeout",
  slow: "421 4.4.2 this takes too long, try again later",
  fault: "421 4.3.0 internal fault, try again later",
  connectionsMany: "421 4.7.0 too many connections, try again later",
  badMany: "421 4.7.0 too many bad commands",
  idleMany: "421 4.7.0 too many commands without mail, try again later",
  refusedMany: "421 4.7.0 too many recipients that are not here, try again later",
  loginsMany: "421 4.7.0 too many failed logins, try again later",
  loginLater: "454 4.7.0 cannot check this login now, try again later",
  lineEndless: "421 4.7.0 line without an end",

  unknown: "500 5.5.1 command not known",
  lineLong: "500 5.5.2 line too long",
  unreadable: "501 5.5.2 control or undecodable characters in the command",
  argument: "501 5.5.4 wrong arguments",
  chunkSize: "501 5.5.4 wrong chunk size, closing",
  helloName: "501 5.5.4 a domain or address literal is needed",
  senderSyntax: "501 5.1.7 wrong sender address syntax",
  recipientSyntax: "501 5.1.3 wrong recipient address syntax",
  base64: "501 5.5.2 undecodable base64",
  loginCancelled: "501 5.7.0 login cancelled",
  notImplemented: "502 5.5.1 command not implemented",
  helloFirst: "503 5.5.1 EHLO first",
  mailFirst: "503 5.5.1 MAIL first",
  recipientFirst: "503 5.5.1 RCPT first",
  tlsAlready: "503 5.5.1 TLS is on already",
  notInTransaction: "503 5.5.1 not within a transaction",
  loginTwice: "503 5.5.1 already logged in",
  mailTwice: "503 5.5.1 transaction already begun",
  chunksBegun: "503 5.5.1 only BDAT or RSET after BDAT",
  binaryNeedsChunks: "503 5.5.1 BINARYMIME needs BDAT",
  mechanismUnknown: "504 5.5.4 only AUTH PLAIN and AUTH LOGIN",
  tlsFirst: "530 5.7.0 STARTTLS first",
  loginWrong: "535 5.7.8 wrong user or password",
  loginInClear: "538 5.7.11 login needs TLS, STARTTLS first",
  recipientRefused: "550 5.1.1 not a journal address here",
  messageLarge: "552 5.3.4 message too large",
  addressNotAscii: "553 5.6.7 this address needs SMTPUTF8",
  recipientsNone: "554 5.5.1 no valid recipients",
  parameterUnknown: "555 5.5.4 parameter not supported",

  spokeFirst: "554 5.5.1 wait for the greeting",
  spokeEarly: "554 5.5.0 wait for the reply to EHLO or DATA",
  notMail: "554 5.5.1 this is a mail server",
  notProxy: "554 5.7.1 not a proxy we know",
} as const;

/** The first line a peer sees (RFC 5321 §3.1). */
export function greeting(hostname: string): string {
  return `220 ${hostname} ESMTP ready`;
}

/** What a session offers besides what every session does. */
export interface Offers {
  /** STARTTLS (RFC 3207): there is a certificate, and TLS is not on yet. */
  tls: boolean;
  /** AUTH (RFC 4954): there is someone to ask, and TLS is on. */
  login: boolean;
  /** REQUIRETLS (RFC 8689): TLS is on. We relay nothing, so its promise holds. */
  requireTls: boolean;
}

/**
 * The answer to EHLO (RFC 5321 §4.1.1.1).
 *
 * DSN is not announced though its parameters are taken: docs/decisions/0012-dsn-taken-not-announced.md.
 */
export function extensions(hostname: string, limits: SmtpLimits, offers: Offers): string {
  const lines = [
    hostname,
    `SIZE ${limits.messageBytesMax}`,
    "PIPELINING",
    "8BITMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    "CHUNKING",
    "BINARYMIME",
  ];
  if (offers.tls) lines.push("STARTTLS");
  if (offers.login) lines.push("AUTH PLAIN LOGIN");
  if (offers.requireTls) lines.push("REQUIRETLS");
  return lines.map((line, index) => `250${index === lines.length - 1 ? " " : "-"}${line}`).join("\r\n");
}

/** The answer after which the sender may forget the mail. */
export function accepted(receipt: ReceiptId): string {
  return `250 2.0.0 stored durably as ${receipt}`;
}

/** What a sender is told that lacks something: 4xx, since either side can put it right while the mail waits. */
export const unpermittedReplies: Readonly<Record<Lacking, string>> = {
  source: replies.recipientUnpermitted,
  tls: replies.recipientNeedsTls,
  login: replies.recipientNeedsLogin,
  certificate: replies.recipientNeedsCertificate,
};
const unpermitted: ReadonlySet<string> = new Set(Object.values(unpermittedReplies));

/** What a reply was said to in vain; syntax and sequence are bad, not what the peer asked for in good faith. */
export function vainOf(reply: string): Vain | null {
  if (reply === replies.recipientRefused || unpermitted.has(reply)) return "refused";
  if (reply === replies.loginWrong) return "login";
  return /^(?:50[0-4]|555)/.test(reply) ? "bad" : null;
}
