import { type Instant, isFailure, type PackId, type TenantId } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";
import type { Damage } from "./use-cases.ts";

/** Where the scrub is and what it found, see docs/formats/scrub.md. */
export interface ScrubState {
  /** When this cycle began. */
  startedAt: Instant;
  /** When all packs had been read, last. */
  completedAt: Instant | null;
  /** The last pack of this cycle that was read; null at the cycle's beginning. */
  place: { tenant: TenantId; pack: PackId } | null;
  /** Bytes read in this cycle. */
  readBytes: number;
  damaged: { tenant: TenantId; pack: PackId; damage: Damage[] }[];
}

const version = 1;
/** Largest file that is believed, in bytes: the damage that is kept is bounded far below. */
const fileBytesMax = 64 * 1024 * 1024;

async function* asBytes(text: string): Bytes {
  yield Buffer.from(text);
}

/** Writes the state durably in one step. Throws what the disk throws. */
export async function writeScrubState(disk: Disk, file: string, state: ScrubState): Promise<void> {
  await disk.replace(file, asBytes(JSON.stringify({ v: version, ...state }) + "\n"));
}

function isState(value: unknown): value is ScrubState & { v: number } {
  if (typeof value !== "object" || value === null) return false;
  const { v, startedAt, readBytes, damaged, place } = value as Partial<ScrubState> & { v?: unknown };
  const isSound = typeof startedAt === "number" && typeof readBytes === "number" && Array.isArray(damaged);
  return v === version && isSound && (place === null || typeof place?.pack === "string");
}

/** The state that was written last; undefined when there is none that can be read: the scrub then begins anew. */
export async function readScrubState(disk: Disk, file: string): Promise<ScrubState | undefined> {
  try {
    const bytes = await disk.size(file);
    if (bytes === undefined || bytes > fileBytesMax) return undefined;
    const read: unknown = JSON.parse(Buffer.from(await disk.read(file)).toString("utf8"));
    if (!isState(read)) return undefined;
    const { v: _, ...state } = read;
    return state;
  } catch (error) {
    if (isFailure(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
