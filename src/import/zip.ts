import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, fromFdPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { Failure, isFailure } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { Budget } from "./budget.ts";
import { readFault } from "./files.ts";
import type { Found } from "./found.ts";
import type { Member } from "./member.ts";
import { inside, labelOf, nameOf, type Place } from "./place.ts";

/** A ZIP archive that can be read at any place. */
interface OpenZip {
  place: Place;
  /** Throws when its table of contents cannot be found. */
  open(): Promise<ZipFile>;
  /** Containers that its members lie in. */
  depth: number;
}

/**
 * What the members of a ZIP archive are, or hold, as `read` finds: stored and deflated ones, in the order of its table.
 *
 * A member that is encrypted, compressed in another way or damaged is one unreadable thing; so is a damaged table, after the
 * members before. Names are only names. Folders are passed over, and links told. Throws only when the budget is spent.
 * @see APPNOTE.TXT 6.3.10 §4.3, §4.4.4, §4.4.5
 */
export async function* readZip(
  { place, open: opened, depth }: OpenZip,
  budget: Budget,
  read: (member: Member) => AsyncIterable<Found>,
): AsyncIterable<Found> {
  try {
    const zip = await opened();
    let ordinal = 0;
    for await (const entry of zip.eachEntry()) {
      budget.member();
      const at = inside(place, nameIn(entry), ordinal);
      ordinal += 1;
      yield* readEntry(zip, entry, { place: at, depth }, budget, read);
    }
  } catch (error) {
    if (budget.isSpent) throw error;
    yield { kind: "unreadable", source: place.source, label: labelOf(place), reason: faultOf(error) };
  }
}

async function* readEntry(
  zip: ZipFile,
  entry: Entry,
  { place, depth }: Pick<Member, "place" | "depth">,
  budget: Budget,
  read: (member: Member) => AsyncIterable<Found>,
): AsyncIterable<Found> {
  const name = nameOf(place);
  if (name === "") return;
  const whence = { source: place.source, label: labelOf(place) };
  const why = unreadWhy(entry);
  if (why !== null) {
    yield { ...why, ...whence };
    return;
  }
  const pieces = contentOf(zip, entry, budget);
  try {
    yield* read({ place, name, size: entry.uncompressedSize, pieces, depth });
  } catch (error) {
    if (budget.isSpent) throw error;
    yield { kind: "unreadable", ...whence, reason: faultOf(error) };
  } finally {
    await pieces.return(undefined);
  }
}

const methods = { stored: 0, deflated: 8 };
/** Upper half of the attributes where the archive was made on Unix: the file's mode. */
const modeMask = 0o170000;
const linkMode = 0o120000;

function unreadWhy(entry: Entry): { kind: "ignored" | "unreadable"; reason: string } | null {
  if (entry.isEncrypted()) return { kind: "unreadable", reason: "it is encrypted; unpack it with its password first" };
  if (((entry.externalFileAttributes >>> 16) & modeMask) === linkMode)
    return { kind: "ignored", reason: "a symbolic link, which is not followed" };
  const { compressionMethod: method } = entry;
  if (method === methods.stored || method === methods.deflated) return null;
  return { kind: "unreadable", reason: `compressed by method ${method}, which is not read; unpack it first` };
}

/** The octets of a member, counted and compared with its checksum: what does not hold throws, at its end. */
async function* contentOf(zip: ZipFile, entry: Entry, budget: Budget): AsyncGenerator<Uint8Array, undefined> {
  let sum = 0;
  const stream = await zip.openReadStreamPromise(entry);
  try {
    for await (const piece of stream as Bytes) {
      budget.unfold(piece.length);
      sum = crc32(piece, sum);
      yield piece;
    }
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw damaged("its checksum does not hold");
  return undefined;
}

function damaged(reason: string): Failure {
  return new Failure("IMPORT-UNREADABLE", "never", `cannot read on: ${reason}`, { publicText: reason });
}

function nameIn({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

function faultOf(error: unknown): string {
  const fault = readFault(error);
  return isFailure(error) || (error instanceof Error && "code" in error) ? fault : `a damaged ZIP archive: ${fault}`;
}

/**
 * Member names are taken as octets: a name that makes a bad path is no reason to leave its mail unread. Files are closed by
 * who opened them, never by the ZipFile.
 */
const options = { decodeStrings: false, validateEntrySizes: true, autoClose: false } as const;

/** A ZIP archive in memory. */
export function zipOfBytes(bytes: Buffer): Promise<ZipFile> {
  return fromBufferPromise(bytes, options);
}

/** Calls `use` with a ZIP file on disk, and closes it. Throws what the operating system does when it cannot be opened. */
export async function* withZipFile(
  path: Buffer,
  use: (open: () => Promise<ZipFile>) => AsyncIterable<Found>,
): AsyncIterable<Found> {
  await using file = await open(path);
  yield* use(() => fromFdPromise(file.fd, options));
}
