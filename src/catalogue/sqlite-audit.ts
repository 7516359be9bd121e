import { type Kysely, sql } from "kysely";
import type { TenantId } from "#core/index.ts";
import { chained } from "./audit-chain.ts";
import type { InstallationCatalogue } from "./catalogue.ts";
import { checkTenant } from "./check-tenant.ts";
import type { AuditEntry, AuditPage } from "./entries.ts";
import type { InstallationTables } from "./tables.ts";

/** The audit log's commands on SQLite. */
export function sqliteAudit(db: Kysely<InstallationTables>): Pick<InstallationCatalogue, "addAudit" | "audit"> {
  return {
    addAudit: (drafts) =>
      db.transaction().execute(async (transaction) => {
        const entries: AuditEntry[] = [];
        const last = new Map<TenantId, AuditEntry | undefined>();
        for (const draft of drafts) {
          if (!last.has(draft.tenant)) {
            await checkTenant(transaction, draft.tenant);
            last.set(draft.tenant, (await auditOf(transaction, draft.tenant, { before: null, limit: 1 }))[0]);
          }
          const entry = chained(last.get(draft.tenant), draft);
          last.set(draft.tenant, entry);
          entries.push(entry);
          await transaction
            .insertInto("audit")
            .values({ ...entry, subjects: JSON.stringify(entry.subjects) })
            .execute();
        }
        return entries;
      }),

    audit: async (tenant, page) => {
      await checkTenant(db, tenant);
      return auditOf(db, tenant, page);
    },
  };
}

async function auditOf(db: Kysely<InstallationTables>, tenant: TenantId, page: AuditPage): Promise<AuditEntry[]> {
  const { before, limit, who, action, subject, since, until } = page;
  let asked = db.selectFrom("audit").selectAll().where("tenant", "=", tenant).orderBy("seq", "desc").limit(limit);
  if (before !== null) asked = asked.where("seq", "<", before);
  if (who !== undefined) asked = asked.where("who", "=", who);
  if (action !== undefined) asked = asked.where("action", "=", action);
  if (since !== undefined) asked = asked.where("at", ">=", since);
  if (until !== undefined) asked = asked.where("at", "<", until);
  if (subject !== undefined) {
    asked = asked.where(sql<boolean>`exists (select 1 from json_each(subjects) where value = ${subject})`);
  }
  return (await asked.execute()).map((row) => ({ ...row, subjects: subjectsOf(row.subjects) }));
}

/** Whoever changed a row by hand may have left no list; then the entry shows what is there, and its digest does not hold. */
function subjectsOf(text: string): string[] {
  try {
    const subjects: unknown = JSON.parse(text);
    return Array.isArray(subjects) ? subjects.map(String) : [text];
  } catch {
    return [text];
  }
}
