import type { Entropy } from "#core/index.ts";
import { seeded } from "../support/bytes.ts";

/** Randomness from a seed: a run can be repeated. Never for real keys. */
export function createSimEntropy(seed: number): Entropy {
  const next = seeded(seed);
  return {
    bytes: (count) => {
      const bytes = Buffer.alloc(count);
      for (let at = 0; at < count; at += 1) bytes[at] = Math.floor(next() * 256);
      return bytes;
    },
  };
}
