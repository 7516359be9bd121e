import { join } from "node:path";
import type { Kysely } from "kysely";
import { isTenantId, must, type TenantId } from "#core/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { missingTenant } from "./conflicts.ts";
import { installationMigrations, tenantMigrations } from "./migrations/migrate.ts";
import { RecentlyUsed } from "./recently-used.ts";
import {
  changes,
  knownMessages,
  knownReceipts,
  messageCounts,
  messagesAfter,
  messagesById,
  messagesInPack,
  packs,
  packsAfter,
  packTotals,
  partsByName,
  partsInPack,
  receiptStates,
  tallies,
} from "./sqlite-archive.ts";
import { commitBatch, readCounters } from "./sqlite-commit.ts";
import { evidence } from "./sqlite-evidence.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import { type Expectation, openSqliteFile, rebuildIt, removeSqliteFile } from "./sqlite-file.ts";
import { sqliteInstallation } from "./sqlite-installation.ts";
import { forgetSuperseded, mergePacks, superseded } from "./sqlite-merge.ts";
import { noteSmime, readAgain, smimeById, smimeTotals, smimeWaitingCounts, smimeWaitingFor } from "./sqlite-smime.ts";
import { snapshotSqlite } from "./sqlite-snapshot.ts";
import { receiptsById, undecided, undecidedReasons } from "./sqlite-undecided.ts";
import type { InstallationTables, TenantTables } from "./tables.ts";

/** Tenant files held open at once: three descriptors and up to 8 MiB of page cache each. */
const tenantFilesOpenMax = 32;

/**
 * The catalogue over SQLite files, in the thread that calls it; it blocks that thread while it reads and writes.
 *
 * One command at a time: whoever calls it waits for the last answer first.
 * @param filesOpenMax tenant files held open at once
 */
export async function openSqliteEngine(
  directory: string,
  filesOpenMax: number = tenantFilesOpenMax,
): Promise<Catalogue> {
  const installationFile = join(directory, "installation.sqlite");
  const inInstallation = <T>(work: () => Promise<T>) => guarded(installationFile, "restore it from its backup", work);
  const db = await inInstallation(() =>
    openSqliteFile<InstallationTables>(installationFile, installationMigrations, "made if absent"),
  );
  const installation = sqliteInstallation(db);
  const tenants = new TenantFiles(join(directory, "tenants"), filesOpenMax, async (tenant) => {
    const known = await inInstallation(() => installation.tenants());
    return known.some((entry) => entry.id === tenant);
  });

  return {
    commit: (tenant, batch) => tenants.use(tenant, (file) => commitBatch(file, batch)),
    merge: (tenant, merge) => tenants.use(tenant, (file) => mergePacks(file, merge)),
    superseded: (tenant) => tenants.use(tenant, (file) => superseded(file)),
    forgetSuperseded: (tenant, pack) => tenants.use(tenant, (file) => forgetSuperseded(file, pack)),
    knownReceipts: (tenant, asked) => tenants.use(tenant, (file) => knownReceipts(file, asked)),
    receiptStates: (tenant, receipts) => tenants.use(tenant, (file) => receiptStates(file, receipts)),
    knownMessages: (tenant, digests) => tenants.use(tenant, (file) => knownMessages(file, digests)),
    messages: (tenant, ids) => tenants.use(tenant, (file) => messagesById(file, ids)),
    messagesAfter: (tenant, after, limit) => tenants.use(tenant, (file) => messagesAfter(file, after, limit)),
    messagesInPack: (tenant, pack) => tenants.use(tenant, (file) => messagesInPack(file, pack)),
    messageCounts: (tenant, packs) => tenants.use(tenant, (file) => messageCounts(file, packs)),
    parts: (tenant, names) => tenants.use(tenant, (file) => partsByName(file, names)),
    partsInPack: (tenant, pack) => tenants.use(tenant, (file) => partsInPack(file, pack)),
    packs: (tenant) => tenants.use(tenant, (file) => packs(file)),
    packsAfter: (tenant, after, limit) => tenants.use(tenant, (file) => packsAfter(file, after, limit)),
    packTotals: (tenant, after) => tenants.use(tenant, (file) => packTotals(file, after)),
    changes: (tenant, after, limit) => tenants.use(tenant, (file) => changes(file, after, limit)),
    lastChange: (tenant) => tenants.use(tenant, async (file) => (await readCounters(file)).changes),
    receipts: (tenant, ids) => tenants.use(tenant, (file) => receiptsById(file, ids)),
    undecided: (tenant, after, limit, reason = null) =>
      tenants.use(tenant, (file) => undecided(file, after, limit, reason)),
    undecidedReasons: (tenant) => tenants.use(tenant, (file) => undecidedReasons(file)),
    evidence: (tenant, connector, limit) => tenants.use(tenant, (file) => evidence(file, connector, limit)),
    noteSmime: (tenant, entries) => tenants.use(tenant, (file) => noteSmime(file, entries)),
    smime: (tenant, ids) => tenants.use(tenant, (file) => smimeById(file, ids)),
    smimeWaitingFor: (tenant, recipient, after, limit) =>
      tenants.use(tenant, (file) => smimeWaitingFor(file, recipient, after, limit)),
    smimeWaitingCounts: (tenant, recipients) => tenants.use(tenant, (file) => smimeWaitingCounts(file, recipients)),
    smimeTotals: (tenant, recipientsMax) => tenants.use(tenant, (file) => smimeTotals(file, recipientsMax)),
    readAgain: (tenant, ids) => tenants.use(tenant, (file) => readAgain(file, ids)),
    tallies: (tenant) => tenants.use(tenant, (file) => tallies(file)),

    tenants: () => inInstallation(() => installation.tenants()),
    addTenant: async (tenant) => {
      must(isTenantId(tenant.id), "a tenant is named by a tenant id");
      if (await tenants.has(tenant.id)) return;
      // The file first: once the tenant is known, an absent file means that it was lost.
      await tenants.make(tenant.id);
      await inInstallation(() => installation.addTenant(tenant));
    },
    ownDomains: (tenant) => inInstallation(() => installation.ownDomains(tenant)),
    putOwnDomains: (tenant, entry) => inInstallation(() => installation.putOwnDomains(tenant, entry)),
    connectors: (tenant) => inInstallation(() => installation.connectors(tenant)),
    addConnector: (connector) => inInstallation(() => installation.addConnector(connector)),
    editConnector: (connector) => inInstallation(() => installation.editConnector(connector)),
    putHistory: (entry, keep) => inInstallation(() => installation.putHistory(entry, keep)),
    history: (connector, kind, limit) => inInstallation(() => installation.history(connector, kind, limit)),
    addAudit: (drafts) => inInstallation(() => installation.addAudit(drafts)),
    audit: (tenant, page) => inInstallation(() => installation.audit(tenant, page)),
    people: (tenant) => inInstallation(() => installation.people(tenant)),
    personByEmail: (email) => inInstallation(() => installation.personByEmail(email)),
    addPerson: (person) => inInstallation(() => installation.addPerson(person)),
    addCredential: (credential) => inInstallation(() => installation.addCredential(credential)),
    credential: (kind, fingerprint) => inInstallation(() => installation.credential(kind, fingerprint)),
    takeCredential: (kind, fingerprint) => inInstallation(() => installation.takeCredential(kind, fingerprint)),
    sweepCredentials: (now) => inInstallation(() => installation.sweepCredentials(now)),

    clearArchive: (tenant) => tenants.remake(tenant),
    snapshot: async (target) => {
      snapshotSqlite(directory, target);
      return "written";
    },
    close: async () => {
      await tenants.close();
      await inInstallation(() => db.destroy());
    },
  };
}

/** The database files of tenants: opened when first used, the longest unused closed when there are too many. */
class TenantFiles {
  readonly #directory: string;
  readonly #isTenant: (tenant: TenantId) => Promise<boolean>;
  readonly #known = new Set<TenantId>();
  readonly #open: RecentlyUsed<Kysely<TenantTables>>;

  constructor(directory: string, filesOpenMax: number, isTenant: (tenant: TenantId) => Promise<boolean>) {
    this.#directory = directory;
    this.#open = new RecentlyUsed(filesOpenMax);
    this.#isTenant = isTenant;
  }

  /** Whether the installation knows the tenant. Tenants are never removed, so a yes is remembered. */
  async has(tenant: TenantId): Promise<boolean> {
    if (!this.#known.has(tenant) && (await this.#isTenant(tenant))) this.#known.add(tenant);
    return this.#known.has(tenant);
  }

  /** Runs `work` on the tenant's file. */
  async use<T>(tenant: TenantId, work: (db: Kysely<TenantTables>) => Promise<T>): Promise<T> {
    if (!(await this.has(tenant))) throw missingTenant(tenant);
    return this.#guarded(tenant, async () => work(await this.#opened(tenant, "made before")));
  }

  /** Makes the file of a new tenant; one that is there already is kept. */
  make(tenant: TenantId): Promise<void> {
    return this.#guarded(tenant, async () => {
      await this.#opened(tenant, "made if absent");
    });
  }

  /** Puts an empty file in the place of the tenant's file, whatever state that is in. */
  async remake(tenant: TenantId): Promise<void> {
    if (!(await this.has(tenant))) throw missingTenant(tenant);
    await this.#guarded(tenant, async () => {
      await this.#open.take(tenant)?.destroy();
      removeSqliteFile(this.#path(tenant));
      await this.#opened(tenant, "made if absent");
    });
  }

  async close(): Promise<void> {
    for (const tenant of this.#open.keys()) await this.#open.take(tenant)?.destroy();
  }

  async #opened(tenant: TenantId, expectation: Expectation): Promise<Kysely<TenantTables>> {
    const open = this.#open.get(tenant);
    if (open !== undefined) return open;
    const opened = await openSqliteFile<TenantTables>(this.#path(tenant), tenantMigrations, expectation);
    await this.#open.set(tenant, opened)?.destroy();
    return opened;
  }

  #guarded<T>(tenant: TenantId, work: () => Promise<T>): Promise<T> {
    return guarded(this.#path(tenant), rebuildIt, work);
  }

  #path(tenant: TenantId): string {
    return join(this.#directory, `${tenant}.sqlite`);
  }
}

/** Runs `work` on a file and names that file when it fails. */
async function guarded<T>(file: string, remedy: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sqliteFailure(error, file, remedy);
  }
}
