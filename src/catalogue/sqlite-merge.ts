import { CompiledQuery, type Kysely, type Transaction } from "kysely";
import type { PackId } from "#core/index.ts";
import type { CatalogueMerge, SupersededPack } from "./entries.ts";
import { lookUp } from "./pieces.ts";
import { packToRow, supersededFromRow } from "./rows.ts";
import { addedOf, stillIn } from "./settling.ts";
import { addBatch } from "./sqlite-commit.ts";
import type { TenantTables } from "./tables.ts";

/** See {@link ArchiveCatalogue.merge}. */
export async function mergePacks(db: Kysely<TenantTables>, merge: CatalogueMerge): Promise<{ receipts: number }> {
  return db.transaction().execute(async (transaction) => {
    let receipts = 0;
    for (const batch of merge.batches) receipts += addedOf(await addBatch(transaction, { ...batch, pack: merge.pack }));
    const replaced = new Set(merge.replaces);
    await moveParts(transaction, merge, replaced);
    await moveMessages(transaction, merge, replaced);
    await moveReports(transaction, merge, replaced);
    await supersede(transaction, merge);
    return { receipts };
  });
}

async function moveParts(
  transaction: Transaction<TenantTables>,
  { batches }: CatalogueMerge,
  replaced: ReadonlySet<PackId>,
): Promise<void> {
  const places = new Map(batches.flatMap(({ parts }) => parts.map((part) => [part.name, part])));
  const rows = await lookUp(places.keys(), (list) =>
    transaction.selectFrom("parts").select(["name", "pack"]).where("name", "in", list).execute(),
  );
  for (const row of rows) {
    const place = places.get(row.name);
    if (place !== undefined && replaced.has(row.pack))
      await run(transaction, "update parts set pack = ?, stored_at = ? where name = ?", [
        place.pack,
        place.storedAt,
        row.name,
      ]);
  }
}

async function moveMessages(
  transaction: Transaction<TenantTables>,
  { batches }: CatalogueMerge,
  replaced: ReadonlySet<PackId>,
): Promise<void> {
  const places = new Map(batches.flatMap(({ messages }) => messages.map((message) => [message.id, message])));
  const rows = await lookUp(places.keys(), (list) =>
    transaction.selectFrom("messages").select(["id", "pack"]).where("id", "in", list).execute(),
  );
  for (const row of rows) {
    const place = places.get(row.id);
    if (place !== undefined && replaced.has(row.pack))
      await run(transaction, "update messages set pack = ?, stored_at = ? where id = ?", [
        place.pack,
        place.storedAt,
        row.id,
      ]);
  }
}

async function moveReports(
  transaction: Transaction<TenantTables>,
  { batches }: CatalogueMerge,
  replaced: ReadonlySet<PackId>,
): Promise<void> {
  const places = new Map(
    batches.flatMap(({ receipts }) =>
      receipts.flatMap(({ receipt, report }) => (report === null ? [] : [[receipt, report] as const])),
    ),
  );
  const rows = await lookUp(places.keys(), (list) =>
    transaction.selectFrom("receipts").select(["receipt", "report_pack"]).where("receipt", "in", list).execute(),
  );
  for (const { receipt, report_pack } of rows) {
    const report = places.get(receipt);
    if (report !== undefined && report_pack !== null && replaced.has(report_pack))
      await run(transaction, "update receipts set report_pack = ?, report = ? where receipt = ?", [
        report.pack,
        JSON.stringify(report),
        receipt,
      ]);
  }
}

/** Written out, so that its prepared statement is found again: building each would take as long as running it. */
async function run(transaction: Transaction<TenantTables>, sql: string, values: unknown[]): Promise<void> {
  await transaction.executeQuery(CompiledQuery.raw(sql, values));
}

/** Moves the replaced packs out of the packs. Messages and reports left in one stop it by their reference. */
async function supersede(transaction: Transaction<TenantTables>, { pack, replaces }: CatalogueMerge): Promise<void> {
  const rows = await lookUp(replaces, (list) =>
    transaction.selectFrom("packs").selectAll().where("pack", "in", list).execute(),
  );
  if (rows.length === 0) return;
  const { last } = await transaction
    .selectFrom("superseded")
    .select((eb) => eb.fn.max<number | null>("turn").as("last"))
    .executeTakeFirstOrThrow();
  const mark = { replaced_by: pack.pack, since: packToRow(pack).created_at, turn: (last ?? 0) + 1 };
  for (const row of rows) {
    const left = await transaction
      .selectFrom("messages")
      .select("id")
      .where("pack", "=", row.pack)
      .union(transaction.selectFrom("receipts").select("message as id").where("report_pack", "=", row.pack))
      .limit(1)
      .executeTakeFirst();
    if (left !== undefined) throw stillIn(row.pack, left.id);
    await transaction
      .insertInto("superseded")
      .values({ ...row, ...mark })
      .execute();
    await transaction.deleteFrom("packs").where("pack", "=", row.pack).execute();
  }
}

/** See {@link ArchiveCatalogue.superseded}. */
export async function superseded(db: Kysely<TenantTables>): Promise<SupersededPack[]> {
  const rows = await db.selectFrom("superseded").selectAll().orderBy("turn").orderBy("pack", "desc").execute();
  return rows.map(supersededFromRow);
}

/** See {@link ArchiveCatalogue.forgetSuperseded}. */
export async function forgetSuperseded(db: Kysely<TenantTables>, pack: PackId): Promise<void> {
  await db.deleteFrom("superseded").where("pack", "=", pack).execute();
}
