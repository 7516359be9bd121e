import type { Kysely } from "kysely";
import type { MessageId } from "#core/index.ts";
import type { SmimeEntry, SmimeTotals } from "./entries.ts";
import { lookUp, pieces } from "./pieces.ts";
import { smimeFromRow, smimeToRow } from "./rows.ts";
import { isWaiting } from "./smime-waiting.ts";
import { readCounters } from "./sqlite-commit.ts";
import type { TenantTables } from "./tables.ts";

// What S/MIME made of one tenant's messages.

/** See {@link ArchiveCatalogue.noteSmime}. */
export async function noteSmime(db: Kysely<TenantTables>, entries: readonly SmimeEntry[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const entry of entries) {
      const row = smimeToRow(entry);
      const { message: _, ...changed } = row;
      await transaction
        .insertInto("smime")
        .values(row)
        .onConflict((on) => on.column("message").doUpdateSet(changed))
        .execute();
      await transaction.deleteFrom("smime_waiting").where("message", "=", entry.message).execute();
      if (!isWaiting(entry)) continue;
      for (const piece of pieces([...new Set(entry.waitsFor)])) {
        const rows = piece.map((recipient) => ({ recipient, message: entry.message }));
        await transaction.insertInto("smime_waiting").values(rows).execute();
      }
    }
  });
}

/** See {@link ArchiveCatalogue.smime}. */
export async function smimeById(db: Kysely<TenantTables>, ids: readonly MessageId[]): Promise<SmimeEntry[]> {
  const rows = await lookUp(ids, (list) => db.selectFrom("smime").selectAll().where("message", "in", list).execute());
  return rows.map(smimeFromRow);
}

/** See {@link ArchiveCatalogue.smimeWaitingFor}. */
export async function smimeWaitingFor(
  db: Kysely<TenantTables>,
  recipient: string,
  after: MessageId | null,
  limit: number,
): Promise<MessageId[]> {
  // One recipient at a time: the rows of several would be sorted anew for each page.
  const all = db
    .selectFrom("smime_waiting")
    .select("message")
    .where("recipient", "=", recipient)
    .orderBy("message")
    .limit(limit);
  return (await (after === null ? all : all.where("message", ">", after)).execute()).map(({ message }) => message);
}

/** See {@link ArchiveCatalogue.smimeWaitingCounts}. */
export async function smimeWaitingCounts(
  db: Kysely<TenantTables>,
  recipients: readonly string[],
): Promise<SmimeTotals["waiting"]> {
  const rows = await lookUp(recipients, (list) =>
    db
      .selectFrom("smime_waiting")
      .select((eb) => ["recipient", eb.fn.countAll<number>().as("messages")])
      .where("recipient", "in", list)
      .groupBy("recipient")
      .execute(),
  );
  return rows.map(({ recipient, messages }) => ({ recipient, messages }));
}

/** See {@link ArchiveCatalogue.smimeTotals}. */
export async function smimeTotals(db: Kysely<TenantTables>, recipientsMax: number): Promise<SmimeTotals> {
  const states = await db
    .selectFrom("smime")
    .select((eb) => ["state", eb.fn.countAll<number>().as("messages")])
    .groupBy("state")
    .orderBy("state")
    .execute();
  const opened = await db
    .selectFrom("smime")
    .select((eb) => ["opened_by as key", eb.fn.countAll<number>().as("messages")])
    .where("opened_by", "is not", null)
    .groupBy("opened_by")
    .orderBy("opened_by")
    .execute();
  const waiting = await db
    .selectFrom("smime_waiting")
    .select((eb) => ["recipient", eb.fn.countAll<number>().as("messages")])
    .groupBy("recipient")
    .orderBy("messages", "desc")
    .orderBy("recipient")
    .limit(recipientsMax)
    .execute();
  return {
    states: states.map(({ state, messages }) => ({ state, messages })),
    opened: opened.map(({ key, messages }) => ({ key: key!, messages })),
    waiting: waiting.map(({ recipient, messages }) => ({ recipient, messages })),
  };
}

/** See {@link ArchiveCatalogue.readAgain}. */
export async function readAgain(db: Kysely<TenantTables>, ids: readonly MessageId[]): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const known = await lookUp(ids, (list) =>
      transaction.selectFrom("messages").select("id").where("id", "in", list).execute(),
    );
    const { changes } = await readCounters(transaction);
    const rows = known.map(({ id }, index) => ({ seq: changes + index + 1, message: id }));
    for (const piece of pieces(rows)) await transaction.insertInto("changes").values(piece).execute();
    await transaction
      .updateTable("counters")
      .set({ changes: changes + rows.length })
      .where("id", "=", 1)
      .execute();
    return changes + rows.length;
  });
}
