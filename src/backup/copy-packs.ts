import type { BlobName, BlobStore } from "#blob/index.ts";
import type { PackEntry } from "#catalogue/index.ts";
import { Failure, isFailure, type Sha256, type TenantId } from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import { type Digest, digestOf, hashing, source } from "./hashing.ts";
import type { EarlierList, ListedPack } from "./pack-list.ts";

/** What became of one pack, and its line in the list. */
export interface CopiedPack {
  listed: ListedPack;
  isCopied: boolean;
}

/** Whether the backup has these very bytes already. An earlier list's word is believed unless everything is to be checked. */
async function isThere(
  to: BlobStore,
  name: BlobName,
  entry: PackEntry,
  earlier: ListedPack | undefined,
  isChecking: boolean,
): Promise<boolean> {
  const found = await to.stat(name);
  if (found?.bytes !== entry.bytes) return false;
  if (!isChecking && earlier?.sha256 === entry.sha256) return true;
  try {
    return (await digestOf(to.get(name))).sha256 === entry.sha256;
  } catch (error) {
    // A copy that cannot be read is none; what stands in the way of another is told by its writing.
    if (!isFailure(error)) throw error;
    return false;
  }
}

/** Copies a pack and reads the copy back. Undefined when it cannot be read in the archive. */
async function copied(from: BlobStore, to: BlobStore, name: BlobName): Promise<Digest | undefined> {
  let read: Digest | undefined;
  try {
    await to.put(name, () =>
      hashing(source(from.get(name)), (digest) => {
        read = digest;
      }),
    );
  } catch (error) {
    if (isFailure(error, "BACKUP-SOURCE")) return undefined;
    throw error;
  }
  const back = await digestOf(to.get(name));
  if (back.sha256 === read?.sha256) return back;
  await to.delete(name);
  throw new Failure("BACKUP-UNPROVED", "later", `the copy of ${name} gave back other bytes than were written`, {
    effect: "the backup before this one is as it was; the disk it lies on may be failing",
  });
}

async function isReadable(from: BlobStore, name: BlobName): Promise<boolean> {
  try {
    await digestOf(from.get(name));
    return true;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return false;
  }
}

/** The line of a copy that is not as it should be and is still the best there is. */
async function kept(to: BlobStore, tenant: TenantId, pack: PackEntry["pack"], name: BlobName): Promise<ListedPack> {
  return { tenant, pack, ...(await digestOf(to.get(name))), damaged: true };
}

/**
 * Sees to it that the backup has a pack: as it is there, or copied anew and read back. May be repeated.
 *
 * @throws `BACKUP-UNPROVED`, and what the backup's disk throws
 */
export async function copyPack(
  stores: { from: BlobStore; to: BlobStore },
  tenant: TenantId,
  entry: PackEntry,
  earlier: EarlierList,
  isChecking: boolean,
): Promise<CopiedPack> {
  const { from, to } = stores;
  const { pack, bytes, sha256 } = entry;
  const name = packBlobName({ tenant, pack });
  const before = await earlier.find({ tenant, pack });
  if (await isThere(to, name, entry, before, isChecking))
    return { listed: { tenant, pack, bytes, sha256 }, isCopied: false };
  if ((await to.stat(name)) !== undefined) {
    // Whatever stands here is not what it should be; it gives way only to bytes that can be read.
    if (!(await isReadable(from, name))) return { listed: await kept(to, tenant, pack, name), isCopied: false };
    await to.delete(name);
  }
  const found = await copied(from, to, name);
  if (found === undefined)
    return { listed: { tenant, pack, bytes: 0, sha256: "" as Sha256, missing: true }, isCopied: false };
  const damaged = found.sha256 === sha256 ? {} : { damaged: true as const };
  return { listed: { tenant, pack, ...found, ...damaged }, isCopied: true };
}
