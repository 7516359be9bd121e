import { join } from "node:path";
import type { Entropy } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { MailboxTestParts } from "#extraction/index.ts";
import type { SpoolState } from "#spool/index.ts";

/** A place below `directory` where a test may try whether mail could be kept. Nothing stays in it. */
export function openScratch(
  disk: Disk,
  directory: string,
  entropy: Entropy,
  spoolState: () => SpoolState,
): MailboxTestParts["scratch"] {
  let count = 0;
  return {
    refusal: () => {
      const { kind } = spoolState();
      return kind === "open" ? null : `the spool is ${kind}`;
    },
    bytes: (length) => entropy.bytes(length),
    freeBytes: () => disk.freeBytes(directory),
    through: async (bytes) => {
      count += 1;
      const path = join(directory, `trial-${count}`);
      try {
        await disk.replace(path, once(bytes));
        return await disk.read(path);
      } finally {
        await disk.remove(path);
      }
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
