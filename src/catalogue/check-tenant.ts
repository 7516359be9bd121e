import type { Kysely } from "kysely";
import type { TenantId } from "#core/index.ts";
import { missingTenant } from "./conflicts.ts";
import type { InstallationTables } from "./tables.ts";

/** @throws Failure when there is no such tenant */
export async function checkTenant(db: Kysely<InstallationTables>, tenant: TenantId): Promise<void> {
  const row = await db.selectFrom("tenants").select("id").where("id", "=", tenant).executeTakeFirst();
  if (row === undefined) throw missingTenant(tenant);
}
