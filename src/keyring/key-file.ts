import { type Entropy, Failure, type Instant, isFailure } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";
import { newKeys } from "./key-changes.ts";
import {
  decodeKeyFile,
  encodeKeyFile,
  haveSameSecrets,
  type KeyAccess,
  type KeyFileContent,
} from "./key-file-content.ts";

/** An opened key file, and whether it was found in its place or as the copy that a change keeps until it is proved. */
export interface OpenKeyFile {
  keys: KeyFileContent;
  from: "file" | "previous";
}

/** Where the file before the last change is kept until the new one is proved. */
export function previousKeyFile(path: string): string {
  return `${path}.previous`;
}

async function* inOnePiece(bytes: Uint8Array): Bytes {
  yield bytes;
}

/** The file's bytes, unopened. @throws `KEY-UNREADABLE` when the system refuses them, `DISK-MISSING` */
export async function readKeyFileBytes(disk: Disk, path: string): Promise<Uint8Array> {
  try {
    return await disk.read(path);
  } catch (error) {
    if (!isFailure(error, "DISK-FAULT")) throw error;
    throw new Failure("KEY-UNREADABLE", "never", `the key file cannot be read: ${error.message}`, {
      publicText: "the key file cannot be read",
      effect: "nothing was written; the mail is sealed until the key file can be read",
      cause: error,
    });
  }
}

/**
 * Makes a key file with fresh secrets and no tenant.
 *
 * @throws `DISK-EXISTS` when there is one
 */
export async function createKeyFile(
  disk: Disk,
  path: string,
  passphrase: string | null,
  entropy: Entropy,
  now: Instant,
): Promise<void> {
  await disk.create(path, inOnePiece(encodeKeyFile(await newKeys(passphrase, entropy, now), entropy)));
}

/**
 * Opens a key file, or the copy of the one before where a change was cut short and the new one does not open. Writes nothing.
 *
 * @throws `PASSPHRASE-WRONG`, `KIT-WRONG`, `KIT-MISSING`, `KEY-DAMAGED`, `KEY-VERSION`, `KEY-UNREADABLE`, `DISK-MISSING`
 */
export async function readKeyFile(disk: Disk, path: string, access: KeyAccess): Promise<OpenKeyFile> {
  try {
    return { keys: await decodeKeyFile(await readKeyFileBytes(disk, path), access), from: "file" };
  } catch (error) {
    const isTold = isFailure(error) && !["DISK-MISSING", "KEY-VERSION", "KEY-UNREADABLE"].includes(error.code);
    const previous = isTold ? await readPrevious(disk, path, access) : undefined;
    if (previous === undefined) throw error;
    return { keys: previous, from: "previous" };
  }
}

async function readPrevious(disk: Disk, path: string, access: KeyAccess): Promise<KeyFileContent | undefined> {
  try {
    return await decodeKeyFile(await disk.read(previousKeyFile(path)), access);
  } catch (error) {
    // What the file in its place said is the better answer.
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/**
 * Ends a change that was cut short: the file that opened becomes the only one. The caller holds the folder's lock, and
 * writes nothing under these keys before.
 */
export async function settleKeyFile(disk: Disk, path: string, from: OpenKeyFile["from"]): Promise<void> {
  const previous = previousKeyFile(path);
  if (from === "previous") await disk.replace(path, inOnePiece(await disk.read(previous)));
  if ((await disk.size(previous)) !== undefined) await disk.remove(previous);
}

/** What a change makes of the keys, and the ways in that must open the new file before the old one goes. */
export interface KeyChange {
  keys: KeyFileContent;
  proofs: readonly KeyAccess[];
}

/**
 * Changes the key file: in one step, and with the old one kept until the new one was read back and opened. Whenever it is
 * cut short, the old or the new file opens. The caller holds the folder's lock, and one change runs at a time.
 *
 * @throws what opening throws, `KEY-UNPROVED` when the new file does not hold and the old one was put back, and what the
 *   disk throws
 */
export async function changeKeyFile(
  disk: Disk,
  path: string,
  access: KeyAccess,
  entropy: Entropy,
  change: (keys: KeyFileContent) => Promise<KeyChange>,
): Promise<KeyFileContent> {
  const { keys: old, from } = await readKeyFile(disk, path, access);
  await settleKeyFile(disk, path, from);
  const { keys, proofs } = await change(old);
  const before = await disk.read(path);
  const after = encodeKeyFile(keys, entropy);
  await disk.replace(previousKeyFile(path), inOnePiece(before));
  await disk.replace(path, inOnePiece(after));
  const why = await faultOf(disk, path, after, keys, proofs);
  if (why !== undefined) {
    await disk.replace(path, inOnePiece(before));
    await disk.remove(previousKeyFile(path));
    throw new Failure("KEY-UNPROVED", "later", `the new key file does not hold: ${why}`, {
      publicText: "the new key file does not hold",
      effect: "the key file is as it was before; no mail is lost",
    });
  }
  await disk.remove(previousKeyFile(path));
  return keys;
}

/** Why the file just written may not be relied on; undefined when it may. */
async function faultOf(
  disk: Disk,
  path: string,
  written: Buffer,
  keys: KeyFileContent,
  proofs: readonly KeyAccess[],
): Promise<string | undefined> {
  try {
    const found = await disk.read(path);
    if (!written.equals(found)) return "it reads back as other bytes";
    for (const proof of [...proofs, { kind: "root", root: keys.root.key } as const])
      if (!haveSameSecrets(await decodeKeyFile(found, proof), keys)) return "it holds other secrets";
    return undefined;
  } catch (error) {
    if (isFailure(error)) return error.message;
    throw error;
  }
}
