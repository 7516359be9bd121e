import { Failure, type Instant } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";

/** One entry as the file holds it, see docs/formats/escrow.md. */
export interface EscrowEntry {
  kind: "key" | "authority";
  certificate: Buffer;
  /** The sealed private key; null for an authority. */
  sealed: Buffer | null;
  addedAt: Instant;
}

const format = "muniment-escrow";
const version = 1;
/** Largest file that is read, in bytes: ten thousand keys of 4 KiB, and room. */
const fileBytesMax = 256 * 1024 * 1024;

/**
 * The entries of the file; none when there is no file.
 *
 * @throws `ESCROW-VERSION`, `ESCROW-DAMAGED`, and what the disk throws
 */
export async function readEscrowFile(disk: Disk, path: string): Promise<EscrowEntry[]> {
  const bytes = await disk.size(path);
  if (bytes === undefined) return [];
  if (bytes > fileBytesMax) throw damaged(path);
  const content = parsed(Buffer.from(await disk.read(path)).toString("utf8"));
  if (!isRecord(content) || content.format !== format || !Array.isArray(content.entries)) throw damaged(path);
  if (content.version !== version) {
    throw new Failure("ESCROW-VERSION", "never", `${path} has version ${String(content.version)}`, {
      publicText: "the escrowed keys were written by a newer muniment",
      effect: "nothing was written; encrypted mail is archived and waits",
    });
  }
  return content.entries.map((entry: unknown) => readEntry(entry) ?? fail(path));
}

/** Replaces the file durably, in one step. Throws what the disk throws. */
export async function writeEscrowFile(disk: Disk, path: string, entries: readonly EscrowEntry[]): Promise<void> {
  const written = entries.map(({ kind, certificate, sealed, addedAt }) => ({
    kind,
    certificate: certificate.toString("base64"),
    ...(sealed === null ? {} : { sealed: sealed.toString("base64") }),
    addedAt,
  }));
  await disk.replace(path, inOnePiece(`${JSON.stringify({ format, version, entries: written }, null, 1)}\n`));
}

async function* inOnePiece(text: string): Bytes {
  yield Buffer.from(text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readEntry(value: unknown): EscrowEntry | null {
  if (!isRecord(value)) return null;
  const { kind, certificate, sealed, addedAt } = value;
  if (typeof certificate !== "string" || !Number.isSafeInteger(addedAt)) return null;
  const common = { certificate: Buffer.from(certificate, "base64"), addedAt: addedAt as Instant };
  if (kind === "authority") return { ...common, kind, sealed: null };
  if (kind === "key" && typeof sealed === "string") return { ...common, kind, sealed: Buffer.from(sealed, "base64") };
  return null;
}

function damaged(path: string): Failure {
  return new Failure("ESCROW-DAMAGED", "never", `${path} is not a file of escrowed keys`, {
    publicText: "the escrowed keys cannot be read",
    effect: "nothing was written; encrypted mail is archived and waits",
  });
}

function fail(path: string): never {
  throw damaged(path);
}
