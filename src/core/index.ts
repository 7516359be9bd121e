/**
 * The words everyone shares: ids, time, randomness, failures, limits, and what is recorded of mail.
 *
 * It imports no other module and does no I/O.
 */
export * from "./failure.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./log.ts";
export * from "./record.ts";
export * from "./text.ts";
export * from "./time.ts";
