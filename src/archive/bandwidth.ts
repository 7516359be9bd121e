import type { BlobStore } from "#blob/index.ts";
import { type Clock, must } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/** Lets bytes through at no more than a rate: a bucket that fills with time and is emptied by use. */
export interface Bandwidth {
  /** Resolves when `bytes` may go; they are taken at once, so that a large piece is paid for by whoever comes next. */
  take(bytes: number): Promise<void>;
}

/**
 * A full bucket.
 *
 * @param bytesPerSecond over any longer time no more than this goes through, and
 * @param burstBytes beyond it at any moment
 */
export function createBandwidth(clock: Clock, bytesPerSecond: number, burstBytes: number): Bandwidth {
  must(bytesPerSecond > 0 && burstBytes > 0, "a bandwidth lets something through");
  let left = burstBytes;
  let filledAtMs = clock.elapsedMs();
  const fill = () => {
    const now = clock.elapsedMs();
    left = Math.min(burstBytes, left + ((now - filledAtMs) / 1_000) * bytesPerSecond);
    filledAtMs = now;
  };
  return {
    take: async (bytes) => {
      fill();
      left -= bytes;
      if (left < 0) await clock.sleep(Math.ceil((-left / bytesPerSecond) * 1_000));
    },
  };
}

/** The same store with everything that is read and written let through by `bandwidth`. */
export function throttled(store: BlobStore, bandwidth: Bandwidth): BlobStore {
  async function* paced(bytes: Bytes): Bytes {
    for await (const piece of bytes) {
      await bandwidth.take(piece.length);
      yield piece;
    }
  }
  return {
    ...store,
    put: (name, body) => store.put(name, () => paced(body())),
    get: (name, range) => paced(store.get(name, range)),
  };
}
