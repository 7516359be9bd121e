import { mkdirSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure, MiB } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";
import type { UploadFolder } from "#import/index.ts";

/** Room that uploads leave on the disk, in bytes: mail that comes in, and what is made of the upload, need it. */
const freeBytesMin = 2048 * MiB;
/** How much is written between two looks at the room that is left, in bytes. */
const lookBytes = 64 * MiB;

/**
 * Uploaded files below `directory`, each in a folder of its own. What a killed process left there is removed first.
 */
export async function openUploadFolder(disk: Disk, directory: string): Promise<UploadFolder> {
  await rm(directory, { recursive: true, force: true });
  const remove = (id: string) => rm(join(directory, id), { recursive: true, force: true });

  async function* bounded(bytes: Bytes): AsyncGenerator<Uint8Array> {
    let unlooked = 0;
    for await (const piece of bytes) {
      unlooked += piece.length;
      if (unlooked >= lookBytes) {
        unlooked = 0;
        if ((await disk.freeBytes(directory)) < freeBytesMin) throw noRoom();
      }
      yield piece;
    }
  }

  return {
    keep: async (id, name, bytes, announced) => {
      const folder = join(directory, id);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      try {
        if ((await disk.freeBytes(directory)) - (announced ?? 0) < freeBytesMin) throw noRoom();
        await disk.create(join(folder, name), bounded(bytes));
        return realpathSync(folder);
      } catch (error) {
        await remove(id);
        throw error;
      }
    },
    remove,
  };
}

function noRoom(): Failure {
  return new Failure("IMPORT-NO-ROOM", "later", "the disk of the archive has no room for this file", {
    effect: "nothing of it was imported; the archive goes on taking mail",
  });
}
