import {
  type ConnectorId,
  Failure,
  foldAddress,
  isTenantId,
  type MessageId,
  must,
  type PackId,
  type PartName,
  type ReceiptId,
  type Sha256,
  type TenantId,
} from "#core/index.ts";
import { chained } from "./audit-chain.ts";
import type { ArchiveCatalogue, Catalogue, InstallationCatalogue } from "./catalogue.ts";
import {
  checkConnectorIsFree,
  checkConnectorVersion,
  connectorTaken,
  credentialTaken,
  inAddressOrder,
  inListOrder,
  missingTenant,
  order,
  personTaken,
} from "./conflicts.ts";
import { earlier, isAskedFor, undecided, withFacts } from "./decisions.ts";
import type {
  AuditEntry,
  CatalogueBatch,
  CatalogueChange,
  ConnectorEntry,
  CredentialEntry,
  MessageEntry,
  MessageRow,
  PackEntry,
  PartEntry,
  PersonEntry,
  QuarantineCount,
  ReceiptOutcome,
  ReceiptRow,
  Tally,
  TenantEntry,
} from "./entries.ts";
import { settle } from "./settling.ts";
import { wellFormed } from "./well-formed.ts";

/**
 * The catalogue in memory: the twin for simulations and tests, with every promise but outliving the process.
 *
 * A command takes effect whole, at the moment it is called, or not at all. Data is copied on its way in and out.
 * Closing does nothing, so that a simulated restart finds what was committed.
 */
export function createMemoryCatalogue(): Catalogue {
  const tenants = new Map<TenantId, TenantEntry>();
  const archives = new Map<TenantId, TenantArchive>();
  const archiveOf = (tenant: TenantId): TenantArchive => {
    const archive = archives.get(tenant);
    if (archive === undefined) throw missingTenant(tenant);
    return archive;
  };
  return copying({
    ...archiveCommands(archiveOf),
    ...installationCommands(tenants),
    addTenant: async (tenant) => {
      must(isTenantId(tenant.id), "a tenant is named by a tenant id");
      if (tenants.has(tenant.id)) return;
      tenants.set(tenant.id, tenant);
      archives.set(tenant.id, emptyArchive());
    },
    clearArchive: async (tenant) => {
      archiveOf(tenant);
      archives.set(tenant, emptyArchive());
    },
    // A twin without files has none to copy; backups are tested on the real one.
    snapshot: async () => "unsupported",
    close: async () => {},
  });
}

/** One tenant's part. */
interface TenantArchive {
  packs: Map<PackId, PackEntry>;
  parts: Map<PartName, PartEntry>;
  messages: Map<MessageId, MessageEntry>;
  digests: Map<Sha256, MessageId>;
  /** Messages with a receipt in state archived. */
  archived: Set<MessageId>;
  receipts: Map<ReceiptId, ReceiptRow>;
  decisions: Set<string>;
  sourceKeys: Map<string, ReceiptRow>;
  /** The receipts of each message in order of commit. */
  receiptsByMessage: Map<MessageId, ReceiptRow[]>;
  changes: CatalogueChange[];
  tallies: Map<ConnectorId, Tally>;
}

function emptyArchive(): TenantArchive {
  return {
    packs: new Map(),
    parts: new Map(),
    messages: new Map(),
    digests: new Map(),
    archived: new Set(),
    receipts: new Map(),
    decisions: new Set(),
    sourceKeys: new Map(),
    receiptsByMessage: new Map(),
    changes: [],
    tallies: new Map(),
  };
}

function archiveCommands(archiveOf: (tenant: TenantId) => TenantArchive): ArchiveCatalogue {
  return {
    commit: async (tenant, batch) => commitBatch(archiveOf(tenant), batch),
    knownReceipts: async (tenant, asked) => {
      const { receipts, sourceKeys } = archiveOf(tenant);
      return {
        receipts: distinct(asked.receipts).filter((receipt) => receipts.has(receipt)),
        sourceKeys: distinct(asked.sourceKeys).filter((key) => sourceKeys.has(key)),
      };
    },
    knownMessages: async (tenant, asked) => {
      const { digests } = archiveOf(tenant);
      return distinct(asked).filter((digest) => digests.has(digest));
    },
    messages: async (tenant, ids) => {
      const archive = archiveOf(tenant);
      return ids.flatMap((id) => messageRow(archive, id) ?? []);
    },
    messagesAfter: async (tenant, after, limit) => {
      const archive = archiveOf(tenant);
      const ids = [...archive.messages.keys()].sort(order).filter((id) => after === null || id > after);
      return ids.slice(0, limit).flatMap((id) => messageRow(archive, id) ?? []);
    },
    messagesInPack: async (tenant, pack) => {
      const { messages, receipts } = archiveOf(tenant);
      const own = [...messages.values()].filter((message) => message.pack === pack).map((message) => message.id);
      const reported = [...receipts.values()].filter(({ report }) => report?.pack === pack).map((row) => row.message);
      return distinct([...own, ...reported]).sort(order);
    },
    parts: async (tenant, names) => {
      const { parts } = archiveOf(tenant);
      return distinct(names).flatMap((name) => parts.get(name) ?? []);
    },
    partsInPack: async (tenant, pack) =>
      [...archiveOf(tenant).parts.values()].filter((part) => part.pack === pack).sort((a, b) => order(a.name, b.name)),
    packs: async (tenant) => packsAfter(archiveOf(tenant), null),
    packsAfter: async (tenant, after, limit) => packsAfter(archiveOf(tenant), after).slice(0, limit),
    packTotals: async (tenant, after) => {
      const packs = packsAfter(archiveOf(tenant), after);
      return { packs: packs.length, bytes: packs.reduce((total, { bytes }) => total + bytes, 0) };
    },
    changes: async (tenant, after, limit) => archiveOf(tenant).changes.slice(after, after + limit),
    lastChange: async (tenant) => archiveOf(tenant).changes.length,
    receipts: async (tenant, ids) => {
      const { receipts } = archiveOf(tenant);
      return distinct(ids).flatMap((id) => receipts.get(id) ?? []);
    },
    quarantine: async (tenant, asked) => {
      const rows = [...archiveOf(tenant).receipts.values()].filter((row) => isAskedFor(row, asked));
      return rows.sort((a, b) => a.seq - b.seq).slice(0, asked.limit);
    },
    quarantineCounts: async (tenant) => countsOf([...archiveOf(tenant).receipts.values()]),
    tallies: async (tenant) => {
      const { messages, tallies } = archiveOf(tenant);
      return {
        messages: messages.size,
        connectors: [...tallies.values()].sort((a, b) => order(a.connector, b.connector)),
      };
    },
  };
}

function packsAfter({ packs }: TenantArchive, after: PackId | null): PackEntry[] {
  return [...packs.values()].filter(({ pack }) => after === null || pack > after).sort((a, b) => order(a.pack, b.pack));
}

function commitBatch(archive: TenantArchive, batch: CatalogueBatch): ReceiptOutcome[] {
  const settlement = settle(batch, {
    ...archive,
    decidable: archive.receipts,
    receiptSeq: archive.receipts.size,
    changeSeq: archive.changes.length,
  });
  for (const { id, sha256 } of settlement.messages) {
    if (archive.digests.has(sha256)) {
      throw new Failure("CATALOGUE-FAULT", "later", `message ${id} has the digest of another message`);
    }
  }
  const { pack, parts, messages, receipts, decided, changes, tallies, outcomes } = settlement;
  if (pack !== null) archive.packs.set(pack.pack, pack);
  for (const part of parts) archive.parts.set(part.name, part);
  for (const message of messages) {
    archive.messages.set(message.id, message);
    archive.digests.set(message.sha256, message.id);
    archive.receiptsByMessage.set(message.id, []);
  }
  for (const receipt of receipts) {
    archive.receipts.set(receipt.receipt, receipt);
    if (receipt.sourceKey !== null) archive.sourceKeys.set(receipt.sourceKey, receipt);
    if (receipt.state === "archived") archive.archived.add(receipt.message);
    archive.receiptsByMessage.get(receipt.message)!.push(receipt);
  }
  for (const { entry, before, after } of decided) {
    archive.decisions.add(entry.decision);
    archive.receipts.set(after.receipt, after);
    if (after.sourceKey !== null) archive.sourceKeys.set(after.sourceKey, after);
    if (after.state === "archived") archive.archived.add(after.message);
    const left = archive.receiptsByMessage.get(before.message)!;
    left.splice(
      left.findIndex(({ receipt }) => receipt === before.receipt),
      1,
    );
    archive.receiptsByMessage.get(after.message)!.push(after);
    archive.receiptsByMessage.get(after.message)!.sort((a, b) => a.seq - b.seq);
    const message = archive.messages.get(after.message)!;
    if (entry.facts !== null) archive.messages.set(after.message, withFacts(message, entry.facts));
  }
  archive.changes.push(...changes);
  for (const { day: _, ...added } of tallies) {
    const before = archive.tallies.get(added.connector);
    archive.tallies.set(added.connector, before === undefined ? added : sum(before, added));
  }
  return outcomes;
}

function countsOf(rows: readonly ReceiptRow[]): QuarantineCount[] {
  const counts = new Map<string, QuarantineCount>();
  for (const row of rows.filter((one) => undecided(one) === "open")) {
    const { connector, state, reason, receivedAt } = row;
    const key = `${connector} ${state} ${reason}`;
    const before = counts.get(key);
    counts.set(key, {
      ...{ connector, state: state as QuarantineCount["state"], reason: reason ?? "" },
      count: (before?.count ?? 0) + 1,
      oldestAt: earlier(before?.oldestAt ?? receivedAt, receivedAt),
    });
  }
  return [...counts].sort(([a], [b]) => order(a, b)).map(([, count]) => count);
}

function sum(a: Tally, b: Tally): Tally {
  return {
    connector: a.connector,
    archived: a.archived + b.archived,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    held: a.held + b.held,
    lastReceivedAt: (a.lastReceivedAt ?? 0) > (b.lastReceivedAt ?? 0) ? a.lastReceivedAt : b.lastReceivedAt,
  };
}

function messageRow(archive: TenantArchive, id: MessageId): MessageRow | undefined {
  const message = archive.messages.get(id);
  return message && { ...message, receipts: archive.receiptsByMessage.get(id)! };
}

function installationCommands(tenants: ReadonlyMap<TenantId, TenantEntry>): Omit<InstallationCatalogue, "addTenant"> {
  const connectors = new Map<ConnectorId, ConnectorEntry>();
  const people = new Map<string, PersonEntry>();
  const credentials = new Map<string, CredentialEntry>();
  const audit: AuditEntry[] = [];
  const checkTenant = (tenant: TenantId) => {
    if (!tenants.has(tenant)) throw missingTenant(tenant);
  };
  const personByEmail = (email: string) =>
    [...people.values()].find((person) => foldAddress(person.email) === foldAddress(email));
  return {
    tenants: async () => [...tenants.values()].sort((a, b) => order(a.id, b.id)),

    connectors: async (tenant) => {
      if (tenant === "every") return inListOrder([...connectors.values()]);
      checkTenant(tenant);
      return inListOrder([...connectors.values()].filter((connector) => connector.tenant === tenant));
    },
    addConnector: async (connector) => {
      checkTenant(connector.tenant);
      if (connectors.has(connector.id)) throw connectorTaken(connector.id);
      checkConnectorIsFree(connector, [...connectors.values()]);
      connectors.set(connector.id, connector);
    },
    editConnector: async (connector) => {
      checkTenant(connector.tenant);
      checkConnectorVersion(connector, connectors.get(connector.id));
      checkConnectorIsFree(connector, [...connectors.values()]);
      connectors.set(connector.id, connector);
    },

    addAudit: async (draft) => {
      checkTenant(draft.tenant);
      const entry = chained(
        audit.findLast(({ tenant }) => tenant === draft.tenant),
        draft,
      );
      audit.push(entry);
      return entry;
    },
    audit: async (tenant, { before, limit }) => {
      checkTenant(tenant);
      const own = audit.filter((entry) => entry.tenant === tenant && (before === null || entry.seq < before));
      return own.reverse().slice(0, limit);
    },
    people: async (tenant) => {
      checkTenant(tenant);
      return inAddressOrder([...people.values()].filter((person) => person.tenant === tenant));
    },
    personByEmail: async (email) => personByEmail(email),
    addPerson: async (person) => {
      checkTenant(person.tenant);
      if (people.has(person.id) || personByEmail(person.email) !== undefined) throw personTaken(person.email);
      people.set(person.id, person);
    },

    addCredential: async (credential) => {
      checkTenant(credential.tenant);
      const key = credentialKey(credential.kind, credential.fingerprint);
      if (credentials.has(key)) throw credentialTaken(credential.kind);
      credentials.set(key, credential);
    },
    credential: async (kind, fingerprint) => credentials.get(credentialKey(kind, fingerprint)),
    takeCredential: async (kind, fingerprint) => {
      const key = credentialKey(kind, fingerprint);
      const credential = credentials.get(key);
      credentials.delete(key);
      return credential;
    },
    sweepCredentials: async (now) => {
      for (const [key, { expiresAt }] of credentials) {
        if (expiresAt !== null && expiresAt < now) credentials.delete(key);
      }
    },
  };
}

function credentialKey(kind: string, fingerprint: string): string {
  return `${kind} ${fingerprint}`;
}

/** The same commands with copies of all data in and out, so that no caller holds what the catalogue holds. */
function copying(catalogue: Catalogue): Catalogue {
  const copied = Object.entries(catalogue).map(([method, command]: [string, (...args: never[]) => unknown]) => [
    method,
    async (...args: never[]) => structuredClone(await command(...wellFormed(args))),
  ]);
  return Object.fromEntries(copied) as Catalogue;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
