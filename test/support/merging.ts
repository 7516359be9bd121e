import { type MergeBounds, mergeBounds } from "#archive/index.ts";

const refuse = async (): Promise<never> => {
  throw new Error("this archive merges no packs");
};

/** For archives whose packs stay as they are. */
export const noMerging = {
  ...{ write: refuse, prove: refuse, halt: async () => undefined, bounds: mergeBounds, isRunning: false },
};

/** Three small packs are worth merging, at any pace. */
export const eagerMerging: MergeBounds = {
  ...{ packsMin: 3, packsMax: 8, growthMin: 2, packBytesMax: 1024 * 1024, messagesMax: 1_000 },
  ...{ bytesPerSecond: 2 ** 40, burstBytes: 2 ** 40, graceMs: 0, lookMs: 1_000 },
};
