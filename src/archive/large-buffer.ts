import { MiB } from "#core/index.ts";

/** From this length on a message is alone in its batch, see `loop.ts`. */
const largeBytesMin = 16 * MiB;
/** Lengths are rounded up to this, so that messages of much the same length take the same buffer. */
const stepBytes = 32 * MiB;

/**
 * Buffers for messages that are read whole, one batch after the other: a large one gets the buffer of the large one before it.
 *
 * Made anew each time, the last ones would lie about until they are collected, and two or three of 150 MB at once are more
 * than a small machine has. What a large buffer holds is only good until the next is asked for; after a small message it is
 * let go.
 */
export function createLargeBuffer(): (bytes: number) => Buffer {
  let held: Buffer | undefined;
  return (bytes) => {
    if (bytes <= largeBytesMin) {
      held = undefined;
      return Buffer.allocUnsafe(bytes);
    }
    if (held === undefined || held.length < bytes) {
      held = undefined;
      held = Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes);
    }
    return held;
  };
}
