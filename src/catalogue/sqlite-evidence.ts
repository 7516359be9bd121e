import type { Kysely } from "kysely";
import type { ConnectorId, RecipientSource } from "#core/index.ts";
import type { ReceiptEvidence } from "./entries.ts";
import type { TenantTables } from "./tables.ts";

/** See {@link ArchiveCatalogue.evidence}. Reads no envelope: one may name half a million recipients. */
export async function evidence(
  db: Kysely<TenantTables>,
  connector: ConnectorId,
  limit: number,
): Promise<ReceiptEvidence[]> {
  const rows = await db
    .selectFrom("receipts")
    .leftJoin("recipients", (join) =>
      join.onRef("recipients.receipt", "=", "receipts.receipt").on("recipients.place", "=", 0),
    )
    .select(["receipts.state", "receipts.flags", "receipts.received_at", "receipts.hop", "recipients.source"])
    .select((eb) => eb("receipts.envelope", "is not", null).as("has_envelope"))
    .where("receipts.connector", "=", connector)
    .where("receipts.superseded_by", "is", null)
    .orderBy("receipts.seq", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => {
    const hop = JSON.parse(row.hop) as Pick<ReceiptEvidence, "peer" | "helo">;
    const source: RecipientSource | null = row.source;
    return {
      ...{ state: row.state, flags: JSON.parse(row.flags) as string[], receivedAt: row.received_at },
      ...{ peer: hop.peer, helo: hop.helo, envelope: source ?? (row.has_envelope ? "nobody" : null) },
    };
  });
}
