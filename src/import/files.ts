import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Failure, isFailure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";

/** Size of the pieces a file is read in. */
const pieceBytes = 256 * 1024;

/** The first `length` octets of a file, fewer when it is shorter. */
export async function readHead(path: Buffer, length: number): Promise<Buffer> {
  await using file = await open(path);
  const head = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(head, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return head.subarray(0, filled);
}

/**
 * Streams `length` octets of a file from `start`. May be repeated.
 *
 * Throws `IMPORT-UNREADABLE` when the file cannot be read, or has fewer.
 */
export async function* readStretch(path: Buffer, start: number, length: number): Bytes {
  if (length === 0) return;
  let taken = 0;
  try {
    for await (const piece of createReadStream(path, { start, end: start + length - 1, highWaterMark: pieceBytes })) {
      taken += piece.length;
      yield piece;
    }
  } catch (error) {
    throw unreadable(path, readFault(error), error);
  }
  if (taken < length) throw unreadable(path, "it became shorter while it was read");
}

/** Up to `length` octets of a file at `at`, fewer at its end. May be repeated. Throws `IMPORT-UNREADABLE`. */
export async function readPeek(path: Buffer, at: number, length: number): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(path, readFault(error), error);
  }
}

/** Whether the operating system refused to read, or {@link readStretch} did: not a fault of ours. */
export function isReadFault(error: unknown): boolean {
  return isFailure(error, "IMPORT-UNREADABLE") || (error instanceof Error && "syscall" in error);
}

/** A fault of reading in words for a person. */
export function readFault(error: unknown): string {
  if (isFailure(error)) return error.publicText;
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : faults[code]) ?? message ?? String(error);
}

const faults: Partial<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "no such file or folder",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  EIO: "the disk could not read it",
  Z_BUF_ERROR: "the compressed file ends too early",
  Z_DATA_ERROR: "the compressed file is damaged",
};

function unreadable(path: Buffer, reason: string, cause?: unknown): Failure {
  return new Failure("IMPORT-UNREADABLE", "never", `cannot read ${path}: ${reason}`, { publicText: reason, cause });
}
