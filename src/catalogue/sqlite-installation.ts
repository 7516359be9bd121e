import type { Kysely, Transaction } from "kysely";
import { foldAddress, type Instant } from "#core/index.ts";
import type { InstallationCatalogue } from "./catalogue.ts";
import { checkTenant } from "./check-tenant.ts";
import {
  checkConnectorIsFree,
  checkConnectorVersion,
  connectorTaken,
  credentialTaken,
  inAddressOrder,
  inListOrder,
  missingConnector,
  personTaken,
} from "./conflicts.ts";
import type { ConnectorEntry } from "./entries.ts";
import {
  connectorFromRow,
  connectorToRow,
  credentialFromRow,
  credentialToRow,
  ownDomainsFromRow,
  personFromRow,
  personToRow,
} from "./rows.ts";
import { sqliteAudit } from "./sqlite-audit.ts";
import type { InstallationTables } from "./tables.ts";

/** The installation's commands over its database. Each checks and writes within one transaction. */
export function sqliteInstallation(db: Kysely<InstallationTables>): InstallationCatalogue {
  return {
    tenants: async () => {
      const rows = await db.selectFrom("tenants").selectAll().orderBy("id").execute();
      return rows.map(({ id, name, created_at }) => ({ id, name, createdAt: created_at }));
    },
    addTenant: async ({ id, name, createdAt }) => {
      await db
        .insertInto("tenants")
        .values({ id, name, created_at: createdAt, own_domains: null })
        .onConflict((existing) => existing.column("id").doNothing())
        .execute();
    },

    ownDomains: async (tenant) => {
      await checkTenant(db, tenant);
      const row = await db.selectFrom("tenants").select("own_domains").where("id", "=", tenant).executeTakeFirst();
      return ownDomainsFromRow(row?.own_domains ?? null);
    },
    putOwnDomains: async (tenant, entry) => {
      await checkTenant(db, tenant);
      await db
        .updateTable("tenants")
        .set({ own_domains: JSON.stringify(entry) })
        .where("id", "=", tenant)
        .execute();
    },

    connectors: async (tenant) => {
      if (tenant !== "every") await checkTenant(db, tenant);
      const all = db.selectFrom("connectors").selectAll();
      const rows = await (tenant === "every" ? all : all.where("tenant", "=", tenant)).execute();
      return inListOrder(rows.map(connectorFromRow));
    },
    addConnector: (connector) =>
      db.transaction().execute(async (transaction) => {
        await checkTenant(transaction, connector.tenant);
        const near = await connectorsNear(transaction, connector);
        if (near.some((other) => other.id === connector.id)) throw connectorTaken(connector.id);
        checkConnectorIsFree(connector, near);
        await transaction.insertInto("connectors").values(connectorToRow(connector)).execute();
      }),
    editConnector: (connector) =>
      db.transaction().execute(async (transaction) => {
        await checkTenant(transaction, connector.tenant);
        const near = await connectorsNear(transaction, connector);
        checkConnectorVersion(
          connector,
          near.find((other) => other.id === connector.id),
        );
        checkConnectorIsFree(connector, near);
        await transaction
          .updateTable("connectors")
          .set(connectorToRow(connector))
          .where("id", "=", connector.id)
          .execute();
      }),

    putHistory: (entry, keep) =>
      db.transaction().execute(async (transaction) => {
        const { connector, kind, seq } = entry;
        const known = await transaction.selectFrom("connectors").select("id").where("id", "=", connector).execute();
        if (known.length === 0) throw missingConnector(connector);
        await transaction.replaceInto("connector_history").values(entry).execute();
        await transaction
          .deleteFrom("connector_history")
          .where("connector", "=", connector)
          .where("kind", "=", kind)
          .where("seq", "<=", seq - keep)
          .execute();
      }),
    history: (connector, kind, limit) =>
      db
        .selectFrom("connector_history")
        .selectAll()
        .where("connector", "=", connector)
        .where("kind", "=", kind)
        .orderBy("seq", "desc")
        .limit(limit)
        .execute(),

    ...sqliteAudit(db),
    people: async (tenant) => {
      await checkTenant(db, tenant);
      const rows = await db.selectFrom("people").selectAll().where("tenant", "=", tenant).execute();
      return inAddressOrder(rows.map(personFromRow));
    },
    personByEmail: async (email) => {
      const found = db.selectFrom("people").selectAll().where("email_folded", "=", foldAddress(email));
      const row = await found.executeTakeFirst();
      return row && personFromRow(row);
    },
    addPerson: (person) =>
      db.transaction().execute(async (transaction) => {
        await checkTenant(transaction, person.tenant);
        const row = personToRow(person);
        const taken = await transaction
          .selectFrom("people")
          .select("id")
          .where((eb) => eb.or([eb("id", "=", row.id), eb("email_folded", "=", row.email_folded)]))
          .executeTakeFirst();
        if (taken !== undefined) throw personTaken(person.email);
        await transaction.insertInto("people").values(row).execute();
      }),

    addCredential: (credential) =>
      db.transaction().execute(async (transaction) => {
        await checkTenant(transaction, credential.tenant);
        const taken = await transaction
          .selectFrom("credentials")
          .select("kind")
          .where("kind", "=", credential.kind)
          .where("fingerprint", "=", credential.fingerprint)
          .executeTakeFirst();
        if (taken !== undefined) throw credentialTaken(credential.kind);
        await transaction.insertInto("credentials").values(credentialToRow(credential)).execute();
      }),
    credential: async (kind, fingerprint) => {
      const found = db.selectFrom("credentials").selectAll();
      const row = await found.where("kind", "=", kind).where("fingerprint", "=", fingerprint).executeTakeFirst();
      return row && credentialFromRow(row);
    },
    takeCredential: async (kind, fingerprint) => {
      const row = await db
        .deleteFrom("credentials")
        .where("kind", "=", kind)
        .where("fingerprint", "=", fingerprint)
        .returningAll()
        .executeTakeFirst();
      return row && credentialFromRow(row);
    },
    sweepCredentials: async (now: Instant) => {
      await db.deleteFrom("credentials").where("expires_at", "<", now).execute();
    },
  };
}

/** The connector with this one's id, and those that share a name with it. */
async function connectorsNear(
  transaction: Transaction<InstallationTables>,
  connector: ConnectorEntry,
): Promise<ConnectorEntry[]> {
  const { id, tenant, description, journal_address_folded } = connectorToRow(connector);
  const rows = await transaction
    .selectFrom("connectors")
    .selectAll()
    .where((eb) =>
      eb.or([
        eb("id", "=", id),
        eb("journal_address_folded", "=", journal_address_folded),
        eb.and([eb("tenant", "=", tenant), eb("description", "=", description)]),
      ]),
    )
    .execute();
  return rows.map(connectorFromRow);
}
