/**
 * Mailboxes of POP3 connectors: when each is drained, how it is doing, what its runs did, and Test Journal Extraction.
 *
 * The protocol and the drain itself are in `pop3`; here is their schedule. Start with `mailbox-loop.ts`.
 */
export type { Collector } from "./collector.ts";
export { createCollector } from "./create-collector.ts";
export type { MailboxState } from "./mailbox-state.ts";
export type { RunFacts } from "./run-facts.ts";
