/**
 * The product's main loop: spool → unwrap → pack → catalogue → search, and reading back what it wrote.
 *
 * Start with `loop.ts` and `write-batch.ts` to understand the product; docs/flow.md tells the same in words.
 */
export { adoptPacks } from "./adopt.ts";
export type { DecisionRequest } from "./decide.ts";
export { createPackOpener } from "./pack-opener.ts";
export {
  createQuarantine,
  type DecisionOutcome,
  noteCharactersMax,
  type Quarantine,
  type QuarantineItem,
} from "./quarantine.ts";
export { quarantineActions, quarantineReason } from "./reasons.ts";
export { createRetrieval, gather, type Retrieval } from "./retrieve.ts";
export { startArchive } from "./service.ts";
export type * from "./use-cases.ts";
export { verifyArchive } from "./verify.ts";
export { type BatchRequest, nextPackId, type WrittenBatch, writeBatch } from "./write-batch.ts";
