import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "#core/index.ts";
import { listFrames, openPack, packOfBlob, readDirectory } from "#pack/index.ts";
import { recoverSpool } from "#spool/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { dataFolder } from "./data-folder.ts";
import { readPassphrase } from "./passphrase.ts";
import { openKeys } from "./storage.ts";

/** What stands in a pack: its frames and its directory's records. Reads only; fine beside a running server. */
export async function inspectPack(
  path: string,
  options: { data: string; passphraseFile?: string },
): Promise<Record<string, unknown>> {
  const folder = dataFolder(resolve(options.data));
  const { disk, keyRing } = await openKeys(folder, readPassphrase(options.passphraseFile));
  const file = resolve(path);
  const identity = packOfBlob(`packs/${basename(dirname(file))}/${basename(file)}`);
  if (identity === undefined || (await disk.size(file)) === undefined)
    throw new Failure("PACK-MISSING", "never", `${path} is no pack: expected …/packs/TENANT/pck_….pack`);
  const blobs = createFolderBlobStore(disk, join(dirname(file), "..", ".."));
  const pack = await openPack(blobs, identity, (tenant, id, wrapped) => keyRing.openPackKey(tenant, id, wrapped));
  const damagedDirectoryFrames: number[] = [];
  const records: unknown[] = [];
  for await (const line of readDirectory(blobs, pack, (offset) => damagedDirectoryFrames.push(offset)))
    records.push(JSON.parse(line));
  return {
    ...identity,
    file,
    bytes: await disk.size(file),
    frames: await listFrames(blobs, pack),
    damagedDirectoryFrames,
    records,
  };
}

/** What waits on the spool. Reads only; beside a running server it shows items that are being archived too. */
export async function inspectSpool(options: {
  data: string;
  passphraseFile?: string;
}): Promise<Record<string, unknown>> {
  const folder = dataFolder(resolve(options.data));
  const { disk, keyRing } = await openKeys(folder, readPassphrase(options.passphraseFile));
  const { items, segments, report } = await recoverSpool(disk, folder.spool, (salt) => keyRing.spoolKey(salt));
  return {
    items: items.map(({ id, arrival, bytes, sha256, pieces }) => ({
      id,
      bytes,
      sha256,
      pieces: pieces.length,
      ...arrival,
    })),
    segments: [...segments].map(([segment, facts]) => ({ segment, ...facts })),
    damaged: report.damaged,
    unfinished: report.unfinished,
  };
}
