import { join } from "node:path";
import { type Entropy, MiB } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";

const reserveFile = "reserve";

/**
 * A file that does nothing but hold room, given up when the volume runs full so that what is spooled can still be archived.
 *
 * It is help, not a promise: nothing here throws.
 */
export interface Reserve {
  /** Removes it when so little is free that it is needed; true when it did. */
  giveUp(freeBytes: number): Promise<boolean>;
  /** Makes it when there is none and plenty is free. */
  make(freeBytes: number): Promise<void>;
}

/**
 * @param bytes its size; 0 for none
 * @param freeBytesMin below this the spool takes no mail, so room above it is not needed for the reserve's purpose
 */
export function createReserve(
  parts: { disk: Disk; directory: string; entropy: Entropy },
  bytes: number,
  freeBytesMin: number,
): Reserve {
  const path = join(parts.directory, reserveFile);

  /** Random, so that a file system that compresses or leaves out zeros really sets the room aside. */
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; left -= MiB) yield parts.entropy.bytes(Math.min(left, MiB));
  }

  const isThere = async () => (await parts.disk.size(path)) !== undefined;

  // Without a reserve the spool works as well, so a failure is left for the next look.
  return {
    giveUp: async (freeBytes) => {
      if (freeBytes >= 2 * bytes) return false;
      try {
        if (!(await isThere())) return false;
        await parts.disk.remove(path);
        return true;
      } catch {
        return false;
      }
    },
    make: async (freeBytes) => {
      if (bytes === 0 || freeBytes < freeBytesMin + 2 * bytes) return;
      try {
        if (!(await isThere())) await parts.disk.create(path, content());
      } catch {
        await parts.disk.remove(path).catch(() => undefined);
      }
    },
  };
}
