/**
 * The POP3 collector: it empties journal mailboxes into the spool, and deletes there what is archived here.
 *
 * `reply-reader.ts` is the protocol as a machine without sockets, `conversation.ts` carries it over a stream, `session.ts` is
 * a mailbox one is logged in to, and `drain.ts` is the work. `dial.ts` is the only file that knows of sockets. It knows octets
 * and ids, not what mail is. On disk: `DIR/pop3/`, see docs/formats/uidls.md.
 */
export { addressProblem } from "./addresses.ts";
export type { ArchivedMail, SettledState } from "./archived-mail.ts";
export { type Dial, networkDial, resolveHost } from "./dial.ts";
export { drainMailbox } from "./drain.ts";
export type { Pop3Limits } from "./limits.ts";
export type { Listing } from "./listing.ts";
export type { TokenSource } from "./login.ts";
export { openSession, type Pop3Server } from "./open-session.ts";
export type { Retention } from "./plan.ts";
export { Pop3Failure, type Pop3Problem, type TokenFault } from "./problem.ts";
export { RecordTable } from "./record-table.ts";
export type { DrainLimits, DrainParts, DrainResult } from "./run.ts";
export type { Pop3Session } from "./session.ts";
export { endpointProblem, fetchToken, type TokenRequest } from "./token-endpoint.ts";
export { Transcript, type TranscriptLine } from "./transcript.ts";
export type { TlsFacts } from "./trust.ts";
export type { Capture, UidlMemory, UidlRecord, UidlState } from "./uidl-memory.ts";
