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
  missingConnector,
  missingTenant,
  order,
  personTaken,
} from "./conflicts.ts";
import type {
  AuditEntry,
  AuditPage,
  CatalogueBatch,
  CatalogueChange,
  CatalogueMerge,
  ConnectorEntry,
  CredentialEntry,
  HistoryEntry,
  MessageEntry,
  MessageRow,
  OwnDomainsEntry,
  PackEntry,
  PartEntry,
  PersonEntry,
  ReceiptOutcome,
  ReceiptRow,
  SmimeEntry,
  SupersededPack,
  Tally,
  TenantEntry,
  UndecidedReason,
} from "./entries.ts";
import { addedOf, settle, stillIn } from "./settling.ts";
import { isWaiting } from "./smime-waiting.ts";
import { isUnread } from "./unread.ts";
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
  /** In the order of their merges. */
  superseded: SupersededPack[][];
  parts: Map<PartName, PartEntry>;
  messages: Map<MessageId, MessageEntry>;
  digests: Map<Sha256, MessageId>;
  /** Messages with a receipt in state archived. */
  archived: Set<MessageId>;
  receipts: Map<ReceiptId, ReceiptRow>;
  sourceKeys: Map<string, ReceiptRow>;
  /** The receipts of each message in order of commit. */
  receiptsByMessage: Map<MessageId, ReceiptRow[]>;
  changes: CatalogueChange[];
  tallies: Map<ConnectorId, Tally>;
  smime: Map<MessageId, SmimeEntry>;
}

function emptyArchive(): TenantArchive {
  return {
    packs: new Map(),
    superseded: [],
    parts: new Map(),
    messages: new Map(),
    digests: new Map(),
    archived: new Set(),
    receipts: new Map(),
    sourceKeys: new Map(),
    receiptsByMessage: new Map(),
    changes: [],
    tallies: new Map(),
    smime: new Map(),
  };
}

function archiveCommands(archiveOf: (tenant: TenantId) => TenantArchive): ArchiveCatalogue {
  return {
    commit: async (tenant, batch) => commitBatch(archiveOf(tenant), batch),
    merge: async (tenant, merge) => mergePacks(archiveOf(tenant), merge),
    superseded: async (tenant) => archiveOf(tenant).superseded.flat(),
    forgetSuperseded: async (tenant, pack) => {
      const archive = archiveOf(tenant);
      archive.superseded = archive.superseded
        .map((turn) => turn.filter((one) => one.pack !== pack))
        .filter((turn) => turn.length > 0);
    },
    knownReceipts: async (tenant, asked) => {
      const { receipts, sourceKeys } = archiveOf(tenant);
      return {
        receipts: distinct(asked.receipts).filter((receipt) => receipts.has(receipt)),
        sourceKeys: distinct(asked.sourceKeys).filter((key) => sourceKeys.has(key)),
      };
    },
    receiptStates: async (tenant, asked) => {
      const { receipts } = archiveOf(tenant);
      return distinct(asked).flatMap((receipt) => {
        const row = receipts.get(receipt);
        return row === undefined ? [] : [{ receipt, state: row.state }];
      });
    },
    knownMessages: async (tenant, asked) => {
      const { digests, messages } = archiveOf(tenant);
      return distinct(asked).filter((digest) => digests.has(digest) && !isUnread(messages.get(digests.get(digest)!)!));
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
    messageCounts: async (tenant, packs) => {
      const { messages, receipts } = archiveOf(tenant);
      const reports = [...receipts.values()].flatMap(({ report }) => report ?? []);
      const counts = new Map<PackId, number>();
      for (const { pack } of [...messages.values(), ...reports]) counts.set(pack, (counts.get(pack) ?? 0) + 1);
      return packs.map((pack) => counts.get(pack) ?? 0);
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
    receipts: async (tenant, ids) => distinct(ids).flatMap((id) => archiveOf(tenant).receipts.get(id) ?? []),
    undecided: async (tenant, after, limit, reason = null) =>
      undecided(archiveOf(tenant))
        .filter((row) => row.seq > after && (reason === null || row.reason === reason))
        .slice(0, limit),
    undecidedReasons: async (tenant) => {
      const words = undecided(archiveOf(tenant)).map(({ state, reason }) => `${state} ${reason ?? "unknown"}`);
      return counted(words)
        .map(([words, receipts]) => {
          const [state, reason] = words.split(" ") as [UndecidedReason["state"], string];
          return { state, reason, receipts };
        })
        .sort((a, b) => b.receipts - a.receipts || order(a.reason, b.reason));
    },
    evidence: async (tenant, connector, limit) =>
      [...archiveOf(tenant).receipts.values()]
        .filter((receipt) => receipt.connector === connector && receipt.supersededBy === undefined)
        .sort((a, b) => b.seq - a.seq)
        .slice(0, limit)
        .map(({ state, flags, receivedAt, hop: { peer, helo }, envelope }) => ({
          ...{ state, flags: [...flags], receivedAt, peer, helo },
          envelope: envelope === null ? null : (envelope.recipients[0]?.source ?? "nobody"),
        })),
    ...smimeCommands(archiveOf),
    tallies: async (tenant) => {
      const { messages, tallies } = archiveOf(tenant);
      return {
        messages: messages.size,
        connectors: [...tallies.values()].sort((a, b) => order(a.connector, b.connector)),
      };
    },
  };
}

function undecided({ receipts }: TenantArchive): ReceiptRow[] {
  return [...receipts.values()]
    .filter(({ state, supersededBy }) => (state === "quarantined" || state === "held") && supersededBy === undefined)
    .sort((a, b) => a.seq - b.seq);
}

type SmimeCommands = Pick<
  ArchiveCatalogue,
  "noteSmime" | "smime" | "smimeWaitingFor" | "smimeWaitingCounts" | "smimeTotals" | "readAgain"
>;

function smimeCommands(archiveOf: (tenant: TenantId) => TenantArchive): SmimeCommands {
  const waiting = ({ smime }: TenantArchive) => [...smime.values()].filter(isWaiting);
  return {
    noteSmime: async (tenant, entries) => {
      const { smime } = archiveOf(tenant);
      for (const entry of entries) smime.set(entry.message, entry);
    },
    smime: async (tenant, ids) => {
      const { smime } = archiveOf(tenant);
      return distinct(ids).flatMap((id) => smime.get(id) ?? []);
    },
    smimeWaitingFor: async (tenant, recipient, after, limit) => {
      const found = waiting(archiveOf(tenant)).filter(({ waitsFor }) => waitsFor.includes(recipient));
      const ids = found.map(({ message }) => message).sort(order);
      return ids.filter((id) => after === null || id > after).slice(0, limit);
    },
    smimeWaitingCounts: async (tenant, recipients) => {
      const asked = new Set(recipients);
      const named = waiting(archiveOf(tenant)).flatMap(({ waitsFor }) => distinct(waitsFor));
      return counted(named.filter((one) => asked.has(one))).map(([recipient, messages]) => ({ recipient, messages }));
    },
    smimeTotals: async (tenant, recipientsMax) => {
      const archive = archiveOf(tenant);
      const all = [...archive.smime.values()];
      const recipients = waiting(archive).flatMap(({ waitsFor }) => distinct(waitsFor));
      return {
        states: counted(all.map(({ state }) => state)).map(([state, messages]) => ({ state, messages })),
        opened: counted(all.flatMap(({ key }) => key ?? [])).map(([key, messages]) => ({ key, messages })),
        waiting: counted(recipients)
          .sort(([, a], [, b]) => b - a)
          .slice(0, recipientsMax)
          .map(([recipient, messages]) => ({ recipient, messages })),
      };
    },
    readAgain: async (tenant, ids) => {
      const { changes, messages } = archiveOf(tenant);
      const known = distinct(ids).filter((id) => messages.has(id));
      for (const message of known) changes.push({ seq: changes.length + 1, message });
      return changes.length;
    },
  };
}

/** Each value with how often it occurs, in byte order of the values. */
function counted<T extends string>(values: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => order(a, b));
}

function packsAfter({ packs }: TenantArchive, after: PackId | null): PackEntry[] {
  return [...packs.values()].filter(({ pack }) => after === null || pack > after).sort((a, b) => order(a.pack, b.pack));
}

function mergePacks(archive: TenantArchive, { pack, replaces, batches }: CatalogueMerge): { receipts: number } {
  const replaced = new Set(replaces);
  const isReplaced = (entry: { pack: PackId } | null | undefined) => entry != null && replaced.has(entry.pack);
  checkNothingIsLeft(archive, replaced, batches);
  let added = 0;
  for (const batch of batches) added += addedOf(commitBatch(archive, { ...batch, pack }));
  for (const { parts, messages, receipts } of batches) {
    for (const part of parts) if (isReplaced(archive.parts.get(part.name))) archive.parts.set(part.name, { ...part });
    for (const { id, storedAt } of messages) {
      const message = archive.messages.get(id);
      if (isReplaced(message)) Object.assign(message!, { pack: pack.pack, storedAt });
    }
    for (const { receipt, report } of receipts) {
      const row = archive.receipts.get(receipt);
      if (isReplaced(row?.report)) row!.report = report;
    }
  }
  const mark = { by: pack.pack, since: pack.createdAt };
  const turn = replaces.flatMap((id) => archive.packs.get(id) ?? []).map((entry) => ({ ...entry, ...mark }));
  for (const { pack: id } of turn) archive.packs.delete(id);
  if (turn.length > 0) archive.superseded.push(turn.sort((a, b) => order(b.pack, a.pack)));
  return { receipts: added };
}

/** Before anything is done: a command takes effect whole or not at all. */
function checkNothingIsLeft(
  archive: TenantArchive,
  replaced: ReadonlySet<PackId>,
  batches: CatalogueMerge["batches"],
): void {
  const moved = new Set(batches.flatMap(({ messages }) => messages.map(({ id }) => id)));
  const reported = new Set(batches.flatMap(({ receipts }) => receipts.map(({ receipt }) => receipt)));
  for (const { id, pack } of archive.messages.values())
    if (replaced.has(pack) && !moved.has(id)) throw stillIn(pack, id);
  for (const { receipt, report } of archive.receipts.values())
    if (report !== null && replaced.has(report.pack) && !reported.has(receipt)) throw stillIn(report.pack, receipt);
}

function commitBatch(archive: TenantArchive, batch: CatalogueBatch): ReceiptOutcome[] {
  const settlement = settle(batch, {
    ...archive,
    unread: { has: (id) => archive.messages.has(id) && isUnread(archive.messages.get(id)!) },
    decided: archive.receipts,
    receiptSeq: archive.receipts.size,
    changeSeq: archive.changes.length,
  });
  for (const { id, sha256 } of settlement.messages) {
    if (archive.digests.has(sha256)) {
      throw new Failure("CATALOGUE-FAULT", "later", `message ${id} has the digest of another message`);
    }
  }
  const { pack, parts, messages, mended, receipts, superseded, changes, tallies, outcomes } = settlement;
  if (pack !== null) archive.packs.set(pack.pack, pack);
  for (const part of parts) archive.parts.set(part.name, part);
  for (const message of messages) {
    archive.messages.set(message.id, message);
    archive.digests.set(message.sha256, message.id);
    archive.receiptsByMessage.set(message.id, []);
  }
  for (const message of mended) {
    const { archivedAt } = archive.messages.get(message.id)!;
    archive.messages.set(message.id, { ...message, archivedAt });
  }
  for (const receipt of receipts) {
    archive.receipts.set(receipt.receipt, receipt);
    if (receipt.sourceKey !== null) archive.sourceKeys.set(receipt.sourceKey, receipt);
    if (receipt.state === "archived") archive.archived.add(receipt.message);
    archive.receiptsByMessage.get(receipt.message)!.push(receipt);
  }
  for (const { receipt, by } of superseded) {
    const row = archive.receipts.get(receipt);
    if (row !== undefined) row.supersededBy = by;
  }
  archive.changes.push(...changes);
  for (const { day: _, ...added } of tallies) {
    const before = archive.tallies.get(added.connector);
    archive.tallies.set(added.connector, before === undefined ? added : sum(before, added));
  }
  return outcomes;
}

function sum(a: Tally, b: Tally): Tally {
  return {
    connector: a.connector,
    archived: a.archived + b.archived,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    held: a.held + b.held,
    lastReceivedAt: later(a.lastReceivedAt, b.lastReceivedAt),
    looped: a.looped + b.looped,
    lastLoopedAt: later(a.lastLoopedAt, b.lastLoopedAt),
  };
}

function later(a: Tally["lastReceivedAt"], b: Tally["lastReceivedAt"]): Tally["lastReceivedAt"] {
  return (a ?? 0) > (b ?? 0) ? a : b;
}

function messageRow(archive: TenantArchive, id: MessageId): MessageRow | undefined {
  const message = archive.messages.get(id);
  return message && { ...message, receipts: archive.receiptsByMessage.get(id)! };
}

function isAskedFor(entry: AuditEntry, { before, who, action, subject, since, until }: AuditPage): boolean {
  return (
    (before === null || entry.seq < before) &&
    (who === undefined || entry.who === who) &&
    (action === undefined || entry.action === action) &&
    (subject === undefined || entry.subjects.includes(subject)) &&
    (since === undefined || entry.at >= since) &&
    (until === undefined || entry.at < until)
  );
}

function installationCommands(tenants: ReadonlyMap<TenantId, TenantEntry>): Omit<InstallationCatalogue, "addTenant"> {
  const connectors = new Map<ConnectorId, ConnectorEntry>();
  const ownDomains = new Map<TenantId, OwnDomainsEntry>();
  let history: HistoryEntry[] = [];
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
    ownDomains: async (tenant) => {
      checkTenant(tenant);
      return structuredClone(ownDomains.get(tenant) ?? { domains: [], isJudged: true });
    },
    putOwnDomains: async (tenant, entry) => {
      checkTenant(tenant);
      ownDomains.set(tenant, structuredClone(entry));
    },

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

    putHistory: async (entry, keep) => {
      const { connector, kind, seq } = entry;
      if (!connectors.has(connector)) throw missingConnector(connector);
      history = history.filter(
        (one) => one.connector !== connector || one.kind !== kind || (one.seq !== seq && one.seq > seq - keep),
      );
      history.push(entry);
    },
    history: async (connector, kind, limit) =>
      history
        .filter((one) => one.connector === connector && one.kind === kind)
        .sort((a, b) => b.seq - a.seq)
        .slice(0, limit),

    addAudit: async (drafts) => {
      for (const { tenant } of drafts) checkTenant(tenant);
      return drafts.map((draft) => {
        const last = audit.findLast(({ tenant }) => tenant === draft.tenant);
        const entry = chained(last, draft);
        audit.push(entry);
        return entry;
      });
    },
    audit: async (tenant, page) => {
      checkTenant(tenant);
      const own = audit.filter((entry) => entry.tenant === tenant && isAskedFor(entry, page));
      return own.reverse().slice(0, page.limit);
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
    // What went in well formed comes out so: this is the cheapest deep copy of plain data.
    async (...args: never[]) => wellFormed(await command(...wellFormed(args))),
  ]);
  return Object.fromEntries(copied) as Catalogue;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
