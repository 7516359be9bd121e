import { createHash } from "node:crypto";
import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PartEntry, ReportEntry } from "#catalogue/index.ts";
import { Failure, type MessageId, MiB, type PackId, type PartName, type Sha256, type TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { createFrameReader, decodeStoredAt, nothingElsewhere, type OpenPackKey, readStored } from "#pack/index.ts";
import { createPackOpener } from "./pack-opener.ts";

/** Plain frames kept at hand, in bytes: messages that are read together mostly lie together. */
const heldFramesBytes = 8 * MiB;

/** Gives back what was archived. */
export interface Retrieval {
  /** The message's bytes; throws `PACK-DAMAGED` before the last byte is given where anything does not hold. */
  message(tenant: TenantId, row: Pick<MessageRow, "id" | "sha256" | "pack" | "storedAt">): Bytes;
  /** The report's bytes, likewise. */
  report(tenant: TenantId, report: ReportEntry): Bytes;
}

/** Passes the bytes on and compares their digest at the end: reading is checking. */
async function* proved(bytes: Bytes, expected: Sha256, what: string): Bytes {
  const hash = createHash("sha256");
  for await (const piece of bytes) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== expected)
    throw new Failure("PACK-DAMAGED", "never", `${what} does not have the digest the catalogue states`, {
      publicText: "stored bytes do not match what was archived",
      effect: "do not rely on this copy; verify names what is damaged",
    });
}

/** Retrieval from the blob store, by the catalogue's places. */
export function createRetrieval(parts: {
  blobs: BlobStore;
  catalogue: Pick<ArchiveCatalogue, "messages" | "parts">;
  openKey: OpenPackKey;
}): Retrieval {
  const opened = createPackOpener(parts.blobs, parts.openKey);
  const frames = createFrameReader(parts.blobs, heldFramesBytes);

  /** Where the parts lie that a place refers to; asked of the catalogue once for the whole of it. */
  async function placesOf(tenant: TenantId, storedAt: string): Promise<Map<string, PartEntry>> {
    const names = decodeStoredAt(storedAt).flatMap((piece) => (piece.kind === "part" ? (piece.name as PartName) : []));
    if (names.length === 0) return new Map();
    return new Map((await parts.catalogue.parts(tenant, names)).map((entry) => [entry.name, entry]));
  }

  async function* stored(tenant: TenantId, pack: PackId, storedAt: string): Bytes {
    const places = await placesOf(tenant, storedAt);
    yield* readStored(frames, await opened(tenant, pack), storedAt, {
      named: (name) => byName(tenant, name as MessageId),
      part: (name) => part(tenant, name, places.get(name)),
    });
  }

  async function* part(tenant: TenantId, name: string, entry: PartEntry | undefined): Bytes {
    if (entry === undefined)
      throw new Failure("PACK-DAMAGED", "never", `a message refers to part ${name}, which is not in the catalogue`, {
        publicText: "stored bytes do not match what was archived; they are not shown",
        effect:
          "the pack that holds the part is missing or damaged; restore it from a backup and rebuild the catalogue",
      });
    yield* readStored(frames, await opened(tenant, entry.pack), entry.storedAt, nothingElsewhere);
  }

  async function* byName(tenant: TenantId, id: MessageId): Bytes {
    const [row] = await parts.catalogue.messages(tenant, [id]);
    if (row === undefined)
      throw new Failure("PACK-DAMAGED", "never", `a report wraps ${id}, which is not in the catalogue`);
    yield* message(tenant, row);
  }

  function message(tenant: TenantId, row: Pick<MessageRow, "id" | "sha256" | "pack" | "storedAt">): Bytes {
    return proved(stored(tenant, row.pack, row.storedAt), row.sha256, row.id);
  }

  return {
    message,
    report: (tenant, report) =>
      proved(stored(tenant, report.pack, report.storedAt), report.sha256, `report ${report.sha256}`),
  };
}

/** All bytes of a stream in one buffer of a known size. */
export async function gather(bytes: Bytes, count: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafe(count);
  let filled = 0;
  for await (const piece of bytes) {
    whole.set(piece.subarray(0, count - filled), filled);
    filled += Math.min(piece.length, count - filled);
  }
  return whole.subarray(0, filled);
}
