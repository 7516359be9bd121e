import type { BlobStore } from "#blob/index.ts";
import type { ArchiveCatalogue, MessageRow, PackEntry, PartEntry } from "#catalogue/index.ts";
import { type Failure, isFailure, type MessageId, type PackId, type PartName, type TenantId } from "#core/index.ts";
import {
  checkPack,
  decodeStoredAt,
  isPackAsWritten,
  type OpenPackKey,
  openPack,
  type PackDamage,
  packBlobName,
} from "#pack/index.ts";
import type { Damage } from "./use-cases.ts";

/** What looking at a stored pack needs. */
export interface ExamineParts {
  blobs: BlobStore;
  catalogue: Pick<ArchiveCatalogue, "messages" | "messagesAfter" | "messagesInPack" | "partsInPack">;
  openKey: OpenPackKey;
}

/** Messages looked up at once. */
const pageMax = 200;

async function rowsOf(parts: ExamineParts, tenant: TenantId, ids: readonly MessageId[]): Promise<MessageRow[]> {
  const rows: MessageRow[] = [];
  for (let start = 0; start < ids.length; start += pageMax)
    rows.push(...(await parts.catalogue.messages(tenant, ids.slice(start, start + pageMax))));
  return rows;
}

/** Offsets of the frames in this pack that the message, or a report around it, needs. */
function framesOf(row: MessageRow, pack: PackId): Set<number> {
  const places = [
    row.pack === pack ? row.storedAt : null,
    ...row.receipts.map(({ report }) => (report?.pack === pack ? report.storedAt : null)),
  ];
  const offsets = new Set<number>();
  for (const place of places)
    for (const piece of place === null ? [] : decodeStoredAt(place))
      if (piece.kind === "frame") offsets.add(piece.offset);
  return offsets;
}

/** Names of the parts that the message, or a report around it, is made of. */
function partsOf(row: MessageRow): Set<string> {
  const places = [row.storedAt, ...row.receipts.flatMap(({ report }) => report?.storedAt ?? [])];
  const pieces = places.flatMap((place) => decodeStoredAt(place));
  return new Set(pieces.flatMap((piece) => (piece.kind === "part" ? piece.name : [])));
}

/** Which messages of the whole archive are made of which of these parts. Looks through every entry. */
async function usersOf(
  parts: ExamineParts,
  tenant: TenantId,
  wanted: readonly PartEntry[],
): Promise<Map<PartName, MessageId[]>> {
  const users = new Map<PartName, MessageId[]>(wanted.map(({ name }) => [name, []]));
  if (users.size === 0) return users;
  let after: MessageId | null = null;
  for (;;) {
    const rows: MessageRow[] = await parts.catalogue.messagesAfter(tenant, after, pageMax);
    for (const row of rows) for (const name of partsOf(row)) users.get(name as PartName)?.push(row.id);
    const last = rows.at(-1);
    if (last === undefined) return users;
    after = last.id;
  }
}

/** What a pack holds that damage to it can touch. */
interface PackContents {
  /** Messages that lie in it, or whose reports do. */
  rows: readonly MessageRow[];
  parts: readonly PartEntry[];
  users: ReadonlyMap<PartName, readonly MessageId[]>;
}

/** Names every message a damaged place touches: those in the frame, or all of the pack where the place concerns all. */
function touched(damage: PackDamage, pack: PackId, contents: PackContents): (MessageId | null)[] {
  const isHit = (offsets: ReadonlySet<number>) => damage.place !== "frame" || offsets.has(damage.offset);
  const ids = new Set(contents.rows.filter((row) => isHit(framesOf(row, pack))).map(({ id }) => id));
  for (const { name, storedAt } of contents.parts) {
    const offsets = decodeStoredAt(storedAt).flatMap((piece) => (piece.kind === "frame" ? piece.offset : []));
    if (isHit(new Set(offsets))) for (const id of contents.users.get(name) ?? []) ids.add(id);
  }
  return ids.size === 0 ? [null] : [...ids];
}

/** A damaged place of a pack, under the name that it is told by. */
interface Found {
  damage: PackDamage;
  place: string;
}

/** Says of each damaged place which messages it touches, also those elsewhere that are made of the pack's parts. */
async function named(
  parts: ExamineParts,
  tenant: TenantId,
  pack: PackId,
  rows: readonly MessageRow[],
  found: readonly Found[],
): Promise<Damage[]> {
  if (found.length === 0) return [];
  const own = await parts.catalogue.partsInPack(tenant, pack);
  const contents = { rows, parts: own, users: await usersOf(parts, tenant, own) };
  return found.flatMap(({ damage, place }) =>
    touched(damage, pack, contents).map((id) => ({ id, pack, place, detail: damage.detail })),
  );
}

/**
 * Whether the failure says something of stored bytes: a disk that cannot give them does, a busy catalogue does not, and what
 * cannot be looked at now is not called damaged.
 */
export function isOfBytes(failure: Failure): boolean {
  return failure.retry === "never" || failure.code.startsWith("DISK-");
}

/** What stands in the way of reading a pack at all. */
function placeOf(failure: Failure): string {
  if (failure.code === "BLOB-MISSING") return "missing";
  return failure.code.startsWith("DISK-") ? "unreadable" : "header";
}

/** The messages whose bytes or whose reports' bytes lie in this pack, with their receipts. */
export async function rowsInPack(parts: ExamineParts, tenant: TenantId, pack: PackId): Promise<MessageRow[]> {
  return rowsOf(parts, tenant, await parts.catalogue.messagesInPack(tenant, pack));
}

/** Names every message of the pack, and every one that is made of its parts, as touched by what ails the pack as a whole. */
export async function damageOfWhole(
  parts: ExamineParts,
  tenant: TenantId,
  pack: PackId,
  place: string,
  detail: string,
): Promise<Damage[]> {
  const rows = await rowsInPack(parts, tenant, pack);
  return named(parts, tenant, pack, rows, [{ damage: { place: "length", detail }, place }]);
}

async function placesIn(parts: ExamineParts, tenant: TenantId, { pack, sha256 }: PackEntry): Promise<Found[]> {
  try {
    const open = await openPack(parts.blobs, { tenant, pack }, parts.openKey);
    return (await checkPack(parts.blobs, open, sha256)).map((damage) => ({ damage, place: damage.place }));
  } catch (error) {
    if (!isFailure(error) || !isOfBytes(error)) throw error;
    return [{ damage: { place: "header", detail: error.message }, place: placeOf(error) }];
  }
}

/** Opens every frame of the pack and names each message that a damaged place touches. */
export async function damageOf(
  parts: ExamineParts,
  tenant: TenantId,
  entry: PackEntry,
  rows: readonly MessageRow[],
): Promise<Damage[]> {
  return named(parts, tenant, entry.pack, rows, await placesIn(parts, tenant, entry));
}

/**
 * Reads every byte of the pack once and compares digests; only where they differ is it opened, to name what is damaged.
 * Empty when the pack is as it was written.
 *
 * @throws what the catalogue throws
 */
export async function examinePack(parts: ExamineParts, tenant: TenantId, entry: PackEntry): Promise<Damage[]> {
  try {
    const name = packBlobName({ tenant, pack: entry.pack });
    if (await isPackAsWritten(parts.blobs, name, entry.sha256)) return [];
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  return damageOf(parts, tenant, entry, await rowsInPack(parts, tenant, entry.pack));
}
