import { createHash } from "node:crypto";
import { type ArchiveUseCases, describe, type ImportRun, readMail, type VerifyScope } from "#archive/index.ts";
import type { MessageRow, PackEntry, ReceiptRow, StoredAt } from "#catalogue/index.ts";
import {
  type Clock,
  type ConnectorId,
  type Envelope,
  Failure,
  type Instant,
  messageIdOf,
  type Origin,
  type ReceiptId,
  type Sha256,
  type TenantId,
} from "#core/index.ts";
import { decodePart, type MailReading, readMessage } from "#mail/index.ts";

/** An archive small enough to be seen through: messages in memory, a search that looks for words in subjects. */
export interface SmallArchive extends ArchiveUseCases {
  /** Takes a message in, with one receipt. */
  put(tenant: TenantId, bytes: string, facts?: Partial<PutFacts>): MessageRow;
  /** Spoils a stored byte, so that reading it fails midway. */
  damage(row: MessageRow): void;
  /** Wakes everyone who waits for a change. */
  touch(): void;
  /** Numbers of one connector. */
  tally(connector: ConnectorId, numbers: Partial<Numbers>): void;
  /** Items that imports brought in. */
  readonly imported: { sourceKey: string; label: string; type: string; origin: Origin | null; bytes: Buffer }[];
  /** What the last verification was asked to read. */
  readonly verified: VerifyScope | null;
  /** Number of callers waiting for a change. */
  waiting(): number;
}

export interface PutFacts {
  subject: string;
  connector: ConnectorId;
  envelope: Envelope | null;
  report: string | null;
  html: string | null;
  state: ReceiptRow["state"];
  parts: MessageRow["parts"];
  to: MessageRow["to"];
}

interface Numbers {
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
  oldestAgeSeconds: number;
  lastReceivedAt: Instant | null;
  looped: number;
  lastLoopedAt: Instant | null;
}

interface Part {
  rows: MessageRow[];
  imports: Map<string, ImportRun>;
  sourceKeys: Set<string>;
}

export function createSmallArchive(clock: Clock): SmallArchive {
  const parts = new Map<TenantId, Part>();
  const bytesByDigest = new Map<string, Buffer>();
  const htmlByDigest = new Map<string, string | null>();
  const damaged = new Set<string>();
  const numbers = new Map<ConnectorId, Numbers>();
  const waiters = new Set<() => void>();
  const imported: SmallArchive["imported"] = [];
  let verified: VerifyScope | null = null;

  const partOf = (tenant: TenantId): Part => {
    const part = parts.get(tenant) ?? { rows: [], imports: new Map(), sourceKeys: new Set() };
    parts.set(tenant, part);
    return part;
  };
  const store = (text: string): Sha256 => {
    const bytes = Buffer.from(text);
    const digest = createHash("sha256").update(bytes).digest("hex") as Sha256;
    bytesByDigest.set(digest, bytes);
    return digest;
  };
  async function* pieces(digest: string) {
    const bytes = bytesByDigest.get(digest)!;
    yield bytes.subarray(0, 10);
    if (damaged.has(digest)) {
      throw new Failure("PACK-DAMAGED", "never", "/secret/path/pack-1 is damaged", {
        publicText: "stored bytes are damaged",
      });
    }
    yield bytes.subarray(10);
  }
  const tallied = (id: ConnectorId) => ({
    connector: id,
    ...{ archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0, oldestAgeSeconds: 0, lastReceivedAt: null },
    ...{ looped: 0, lastLoopedAt: null },
    ...numbers.get(id),
  });

  return {
    imported,
    get verified() {
      return verified;
    },
    put(tenant, text, facts = {}) {
      const sha256 = store(text);
      const receipts: ReceiptRow[] = [
        {
          receipt: `rcp_${partOf(tenant).rows.length}` as ReceiptId,
          message: messageIdOf(sha256),
          connector: facts.connector ?? ("con_1" as ConnectorId),
          state: facts.state ?? "archived",
          reason: null,
          flags: [],
          receivedAt: clock.now(),
          archivedAt: clock.now(),
          hop: {
            transport: "smtp",
            peer: "127.0.0.1:9",
            helo: "mx",
            tls: null,
            mailFrom: "",
            rcptTo: ["j@journal.example"],
            uidl: null,
            begunAt: clock.now(),
          },
          envelope: facts.envelope ?? null,
          report:
            facts.report === undefined || facts.report === null
              ? null
              : {
                  sha256: store(facts.report),
                  bytes: Buffer.byteLength(facts.report),
                  pack: "pck_1" as PackEntry["pack"],
                  storedAt: "0" as StoredAt,
                  dialect: "exchange-2016",
                  confidence: 1,
                  reasons: ["sender_line"],
                },
          sourceKey: null,
          seq: 1,
        },
      ];
      const row: MessageRow = {
        id: messageIdOf(sha256),
        sha256,
        bytes: Buffer.byteLength(text),
        pack: "pck_1" as PackEntry["pack"],
        storedAt: "0" as StoredAt,
        archivedAt: clock.now(),
        subject: facts.subject ?? "subject",
        from: [{ name: "Ann", address: "ann@example.com" }],
        to: facts.to ?? [{ name: "", address: "bob@example.com" }],
        cc: [],
        bcc: [],
        messageId: "<1@example.com>",
        date: null,
        parts: facts.parts ?? [{ path: "", type: "text/plain", filename: null, bytes: 4 }],
        defects: [],
        receipts,
      };
      htmlByDigest.set(sha256, facts.html ?? null);
      partOf(tenant).rows.push(row);
      return row;
    },
    damage: (row) => damaged.add(row.sha256),
    touch() {
      for (const wake of [...waiters]) wake();
    },
    tally(connector, some) {
      numbers.set(connector, { ...tallied(connector), ...some });
    },
    waiting: () => waiters.size,

    async search(tenant, query, { limit, after, zone }) {
      if (query.startsWith("bad:")) {
        const message = "unknown operator bad:";
        return { kind: "problem", problem: { code: "unknown_operator", column: 0, message, suggestion: "bcc:" } };
      }
      const found = partOf(tenant).rows.filter(({ subject }) => subject.includes(query));
      const start = Number(after ?? 0);
      const searchable = partOf(tenant).rows.length;
      return {
        kind: "page",
        total: found.length,
        items: found.slice(start, start + limit),
        next: start + limit < found.length ? String(start + limit) : null,
        readAs: `${query} in ${zone}`,
        coverage: { searchable, archived: searchable, asOf: clock.now() },
      };
    },
    message: async (tenant, id) => partOf(tenant).rows.find((row) => row.id === id),
    original: async (_, row) => pieces(row.sha256),
    report: async (_, { report }) => (report === null ? undefined : pieces(report.sha256)),
    async view(tenant, id) {
      const row = partOf(tenant).rows.find((one) => one.id === id);
      if (row === undefined) return undefined;
      const text = bytesByDigest.get(row.sha256)!.toString();
      const reading: MailReading = {
        headers: {
          from: [],
          sender: [],
          replyTo: [],
          to: [],
          cc: [],
          bcc: [],
          subject: row.subject,
          messageId: null,
          inReplyTo: null,
          references: [],
          date: null,
          receivedAt: null,
        },
        fields: [],
        parts: [],
        text,
        html: htmlByDigest.get(row.sha256) ?? null,
        plain: null,
        defects: [],
      };
      return { row, reading, smime: null, entities: [], tnef: [], verified: !damaged.has(row.sha256) };
    },
    async describe(tenant, id) {
      const row = partOf(tenant).rows.find((one) => one.id === id);
      if (row === undefined) return undefined;
      const bytes = bytesByDigest.get(row.sha256)!;
      return { row, description: describe(readMail(bytes, row.sha256), null) };
    },
    async entity(_tenant, row) {
      throw new Failure("SMIME-NO-ENTITY", "never", `nothing was opened in ${row.id}`);
    },
    opened: async () => null,
    async part(_tenant, row, path) {
      const bytes = bytesByDigest.get(row.sha256)!;
      const part = readMessage(bytes).parts.find((one) => one.path === path);
      if (part === undefined) throw new Failure("PART-UNKNOWN", "never", `${row.id} has no part at "${path}"`);
      const content = decodePart(bytes, part);
      const sha256 = createHash("sha256").update(content).digest("hex") as Sha256;
      return { bytes: content, sha256, filename: part.filename, isDecrypted: false };
    },
    ownDomains: async () => [],
    setOwnDomains: async (_tenant, domains) => ({ domains: [...domains], messages: 0 }),
    undecided: async () => ({ items: [], reasons: [], next: null }),
    decide: async (_tenant, { ids, entered }) => {
      await entered(ids.filter((id) => id.startsWith("rcp_")) as ReceiptId[]);
      return { decided: ids.length, archived: ids.length, duplicate: 0, quarantined: 0, held: 0 };
    },
    smimeTotals: async () => ({ states: [], opened: [], waiting: [] }),
    openWaiting: async () => ({ messages: 0 }),
    async status(tenant) {
      const messages = partOf(tenant).rows.length;
      const connectors = [...numbers.keys()].map(tallied);
      const sum = (key: "archived" | "duplicate" | "quarantined" | "held" | "processing") =>
        connectors.reduce((total, line) => total + line[key], 0);
      const states = {
        archived: sum("archived"),
        duplicate: sum("duplicate"),
        quarantined: sum("quarantined"),
        held: sum("held"),
        processing: sum("processing"),
      };
      const received = Object.values(states).reduce((total, count) => total + count, 0);
      return {
        ...states,
        received,
        messages,
        searchable: messages,
        index: { coveredTo: messages, lastChange: messages },
        connectors,
        damage: [],
        scrubbedAt: null,
        opening: null,
        asOf: clock.now(),
      };
    },
    async verify(tenant, scope, report) {
      verified = scope;
      const { rows } = partOf(tenant);
      for (const index of rows.keys()) report({ done: index + 1, total: rows.length, unit: "messages" });
      const bad = rows.filter(({ sha256 }) => damaged.has(sha256));
      const bytes = rows.reduce((total, row) => total + row.bytes, 0);
      return {
        ok: bad.length === 0,
        checked: rows.length,
        packs: 1,
        bytes,
        of: { packs: 1, bytes },
        unknown: [],
        damaged: bad.map(({ id, pack }) => ({ id, pack, place: "frame", detail: "a frame does not open" })),
      };
    },
    async rebuildSearch(tenant) {
      const messages = partOf(tenant).rows.length;
      if (messages === 0) throw new Failure("SEARCH-BROKEN", "later", "/secret/path cannot be written");
      return { messages };
    },
    beginImport(tenant) {
      const { imports } = partOf(tenant);
      const id = `imp_${imports.size + 1}`;
      imports.set(id, { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 });
      return id;
    },
    async offerImport(tenant, run, { body, sourceKey, label, type, origin }) {
      const { imports, sourceKeys } = partOf(tenant);
      const chunks: Uint8Array[] = [];
      for await (const piece of body) chunks.push(piece);
      if (sourceKeys.has(sourceKey)) return { state: "known" };
      sourceKeys.add(sourceKey);
      const counts = imports.get(run)!;
      counts.accepted += 1;
      counts.processing += 1;
      imported.push({ sourceKey, label, type, origin, bytes: Buffer.concat(chunks) });
      return { state: "accepted", receipt: "rcp_1" as ReceiptId };
    },
    importRun: (tenant, run) => partOf(tenant).imports.get(run),
    importSources: (tenant, run) =>
      partOf(tenant).imports.has(run) ? [{ source: "a.mbox", ...partOf(tenant).imports.get(run)! }] : undefined,
    changed: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiters.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        if (signal.aborted) return resolve();
        waiters.add(wake);
        signal.addEventListener("abort", wake);
      }),
    clockDoubt: () => null,
    flow: (_, connector) => {
      const { processing, oldestAgeSeconds, lastReceivedAt } = tallied(connector);
      return { processing, oldestAgeSeconds, lastReceivedAt };
    },
  };
}
