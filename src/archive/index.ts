/**
 * The product's main loop: spool → unwrap → pack → catalogue → search, and reading back what it wrote.
 *
 * Start with `loop.ts` and `write-batch.ts` to understand the product; docs/flow.md tells the same in words.
 */
export { adoptPacks, type LostMessage } from "./adopt.ts";
export { judgeAge } from "./age.ts";
export {
  type ArchivedReader,
  createArchivedReader,
  type OpenedEntity,
  type OpeningTools,
} from "./archived-reader.ts";
export { createBandwidth, throttled } from "./bandwidth.ts";
export type { ClockDoubt } from "./clock-watch.ts";
export type { UndecidedPage } from "./decisions.ts";
export { describe } from "./describe.ts";
export { envelopeUnion } from "./envelope-union.ts";
export { type MergeRequest, mergePacks } from "./merge-packs.ts";
export { type MergeBounds, mergeBounds } from "./merge-plan.ts";
export { type OriginalFile, originalExtensions, originalFile } from "./original-file.ts";
export { createPackOpener } from "./pack-opener.ts";
export type { Progress } from "./progress.ts";
export { provePack } from "./prove-pack.ts";
export { readMail } from "./readable-mail.ts";
export { type Reencrypted, reencryptTenant } from "./reencrypt.ts";
export { createRetrieval, gather, type Retrieval } from "./retrieve.ts";
export { startArchive } from "./service.ts";
export { type ShownMessage, shownFile, shownMessage } from "./shown-message.ts";
export type * from "./use-cases.ts";
export { verifyArchive } from "./verify.ts";
export { type BatchRequest, nextPackId, type WrittenBatch, writeBatch } from "./write-batch.ts";
