/**
 * The words everyone shares: ids, time, randomness, failures, limits, what is recorded of mail, and the
 * dots that SMTP and POP3 have in common.
 *
 * It imports no other module and does no I/O.
 */
export * from "./concurrently.ts";
export * from "./defects.ts";
export * from "./dot-reader.ts";
export * from "./failure.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./log.ts";
export * from "./record.ts";
export * from "./sub-address.ts";
export * from "./text.ts";
export * from "./time.ts";
