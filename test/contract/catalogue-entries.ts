import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type {
  Catalogue,
  CatalogueBatch,
  ConnectorEntry,
  CredentialEntry,
  MessageEntry,
  PackEntry,
  PartEntry,
  PersonEntry,
  ReceiptEntry,
  ReportEntry,
  StoredAt,
} from "#catalogue/index.ts";
import {
  type ConnectorId,
  type EnvelopeRecipient,
  type Instant,
  isFailure,
  messageIdOf,
  type PackId,
  type PartName,
  type ReceiptId,
  type Sha256,
  type TenantId,
} from "#core/index.ts";

/** What the tests of one part of the seam are given. */
export interface Context {
  catalogue(): Catalogue;
  newTenant(): Promise<TenantId>;
}

/** Everything that can be read of a tenant's archive. */
export async function everything(catalogue: Catalogue, tenant: TenantId): Promise<unknown> {
  return {
    messages: await catalogue.messagesAfter(tenant, null, 10_000),
    packs: await catalogue.packs(tenant),
    changes: await catalogue.changes(tenant, 0, 10_000),
    lastChange: await catalogue.lastChange(tenant),
    tallies: await catalogue.tallies(tenant),
  };
}

/** Checks that `work` fails with this code, and as that code may be retried. */
export async function fails(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFailure(error, code), `expected ${code}, got ${String(error)}`);
    const isHopeful = code === "CATALOGUE-FAULT" || code === "CATALOGUE-BUSY";
    assert.equal(error.retry, isHopeful ? "later" : "never");
    return true;
  });
}

/** An instant some milliseconds after the first one of these tests. */
export function at(ms: number): Instant {
  return (1_700_000_000_000 + ms) as Instant;
}

export function packEntry(name: string): PackEntry {
  const pack = `pck_${name}` as PackId;
  return { pack, blob: `packs/${name}`, bytes: 5_000_000_000, sha256: digest(name), createdAt: at(1) };
}

export function partEntry(seed: string, more: Partial<PartEntry> = {}): PartEntry {
  const storedAt = `frames of ${seed}` as StoredAt;
  return { name: `prt_${seed}` as PartName, bytes: 4567, pack: packEntry("p1").pack, storedAt, ...more };
}

export function messageEntry(seed: string, more: Partial<MessageEntry> = {}): MessageEntry {
  const sha256 = digest(seed);
  return {
    id: messageIdOf(sha256),
    sha256,
    bytes: 1234,
    pack: packEntry("p1").pack,
    storedAt: "frames" as StoredAt,
    archivedAt: at(9),
    subject: `Subject ${seed}`,
    from: [],
    to: [],
    cc: [],
    bcc: [],
    messageId: null,
    date: null,
    parts: [],
    defects: [],
    ...more,
  };
}

export function receiptEntry(seed: string, message: MessageEntry, more: Partial<ReceiptEntry> = {}): ReceiptEntry {
  return {
    receipt: receiptId(seed),
    message: message.id,
    connector: "con_0123456789abcdef" as ConnectorId,
    state: "archived",
    reason: null,
    flags: [],
    receivedAt: at(5),
    hop,
    envelope: null,
    report: null,
    sourceKey: null,
    ...more,
  };
}

export function batchOf(messages: MessageEntry[], receipts: ReceiptEntry[]): CatalogueBatch {
  return { pack: packEntry("p1"), parts: [], messages, receipts, archivedAt: at(9) };
}

export const hop: ReceiptEntry["hop"] = {
  transport: "smtp",
  peer: "192.0.2.1:4321",
  helo: "mail.example.com",
  tls: null,
  mailFrom: null,
  rcptTo: ["journal@example.com"],
  uidl: null,
  begunAt: at(4),
};

export function reportEntry(seed: string, pack = "p1"): ReportEntry {
  return {
    sha256: digest(`report ${seed}`),
    bytes: 2345,
    pack: packEntry(pack).pack,
    storedAt: "report frames" as StoredAt,
    dialect: "exchange",
    confidence: 0.75,
    reasons: ["sender_line"],
  };
}

export function recipient(address: string, more: Partial<EnvelopeRecipient> = {}): EnvelopeRecipient {
  return { address, role: "to", relation: "direct", via: null, source: "report", ...more };
}

export function connectorEntry(tenant: TenantId, seed: string, more: Partial<ConnectorEntry> = {}): ConnectorEntry {
  return {
    id: `con_${seed}` as ConnectorId,
    tenant,
    description: `Connector ${seed}`,
    enabled: true,
    journalEmailAddress: `${seed}@journal.example`,
    transport: "smtp",
    type: "eej",
    maxAgeDays: 30,
    createdAt: at(2),
    version: 1,
    ...more,
  };
}

export function personEntry(tenant: TenantId, email: string): PersonEntry {
  return { id: `per_${email}`, tenant, email, role: "auditor", passwordHash: "$argon2id$", createdAt: at(3) };
}

export function credentialEntry(
  tenant: TenantId,
  fingerprint: string,
  more: Partial<CredentialEntry> = {},
): CredentialEntry {
  return {
    kind: "session",
    fingerprint,
    tenant,
    role: "admin",
    person: null,
    label: "a label",
    createdAt: at(4),
    expiresAt: null,
    ...more,
  };
}

export function receiptId(seed: string): ReceiptId {
  return `rcp_${seed}` as ReceiptId;
}

export function digest(seed: string): Sha256 {
  return createHash("sha256").update(seed).digest("hex") as Sha256;
}

export function askedOf(receipts: readonly ReceiptEntry[]): { receipts: ReceiptId[]; sourceKeys: string[] } {
  return {
    receipts: receipts.map((receipt) => receipt.receipt),
    sourceKeys: receipts.flatMap((receipt) => receipt.sourceKey ?? []),
  };
}

export function statesOf(rows: readonly { state: string }[]): string[] {
  return rows.map((row) => row.state);
}
