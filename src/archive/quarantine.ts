import type {
  ArchiveCatalogue,
  DecisionAction,
  MessageRow,
  QuarantineAsked,
  QuarantineCount,
  ReceiptRow,
} from "#catalogue/index.ts";
import {
  type Clock,
  type ConnectorType,
  type Entropy,
  Failure,
  failureFacts,
  importConnectorId,
  MiB,
  type PackId,
  type ReceiptId,
  type Sha256,
  type TenantId,
  timedId,
} from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { DecisionRequest, ReadAgain } from "./decide.ts";
import type { QuarantineAction } from "./reasons.ts";
import { gather } from "./retrieve.ts";
import type { ArchiveUseCases } from "./use-cases.ts";

/** Decisions recorded in one pack, and the bytes read again for them at once; a larger item goes alone. */
const decisionsAtOnceMax = 256;
const bytesAtOnceMax = 16 * MiB;
/** Longest reason that is kept with a decision, in characters. */
export const noteCharactersMax = 1_000;

/** An item that waits for a decision, or was put out of sight. */
export interface QuarantineItem {
  receipt: ReceiptRow;
  /** What arrived: the journal report where there is one, else the message. */
  original: { sha256: Sha256; bytes: number };
}

/** What became of one item. `decided`: somebody decided before; `unknown`: there is no such receipt. */
export type DecisionOutcome =
  | { kind: "done"; receipt: ReceiptId; state: ReceiptRow["state"]; reason: string | null }
  | { kind: "unchanged"; receipt: ReceiptId; state: ReceiptRow["state"]; reason: string | null }
  | { kind: "decided" | "unknown"; receipt: ReceiptId }
  | { kind: "failed"; receipt: ReceiptId; code: string };

/** What is decided, by whom, and why. */
export interface DecisionAsked {
  action: QuarantineAction;
  receipts: readonly ReceiptId[];
  by: string;
  note: string | null;
}

/** The use cases of what could not be handled, or came too late. Every call takes its tenant first. */
export interface Quarantine {
  list(tenant: TenantId, asked: QuarantineAsked): Promise<QuarantineItem[]>;
  counts(tenant: TenantId): Promise<QuarantineCount[]>;
  item(tenant: TenantId, receipt: ReceiptId): Promise<QuarantineItem | undefined>;
  /** The exact bytes that arrived; throws `PACK-DAMAGED` where a byte does not hold. */
  original(tenant: TenantId, receipt: ReceiptId): Promise<(QuarantineItem & { body: Bytes }) | undefined>;
  /**
   * Retry reads the item again as the connector is set now; accept takes it in, a quarantined one as the mail it is; discard
   * puts it out of sight and keeps every byte. What resolved is durable, and a catalogue that is rebuilt says the same.
   * May be repeated.
   *
   * @throws `QUARANTINE-NOTE` when a discard has no reason, or a reason is too long
   */
  decide(tenant: TenantId, asked: DecisionAsked): Promise<DecisionOutcome[]>;
}

/** What the quarantine works with. */
export interface QuarantineParts {
  catalogue: Pick<ArchiveCatalogue, "receipts" | "messages" | "quarantine" | "quarantineCounts">;
  archive: Pick<ArchiveUseCases, "original" | "report">;
  /** The archive loop's: one pack after the other. */
  record(tenant: TenantId, requests: DecisionRequest[]): Promise<PackId | null>;
  /** How a connector is set now; undefined when there is none. */
  settingsOf(
    tenant: TenantId,
    connector: ReceiptRow["connector"],
  ): Promise<{ type: ConnectorType; maxAgeDays: number | null } | undefined>;
  clock: Clock;
  entropy: Entropy;
}

const actionDone: Record<QuarantineAction, DecisionAction> = {
  retry: "retried",
  accept: "accepted",
  discard: "discarded",
};

/** Reasons of what was taken for a report, so that its type is known without its connector. */
const reportReasons = new Set(["envelope_unreadable", "inner_missing", "too_old"]);

function isUndecided({ state }: ReceiptRow): boolean {
  return state === "quarantined" || state === "held";
}

/** The quarantine over a catalogue and an archive. */
export function createQuarantine(parts: QuarantineParts): Quarantine {
  const { catalogue, archive, clock, entropy } = parts;

  async function itemsOf(tenant: TenantId, rows: readonly ReceiptRow[]): Promise<QuarantineItem[]> {
    const bare = rows.filter(({ report }) => report === null).map(({ message }) => message);
    const messages = new Map((await catalogue.messages(tenant, bare)).map((row) => [row.id, row]));
    return rows.flatMap((receipt) => {
      const original = receipt.report ?? messages.get(receipt.message);
      return original === undefined ? [] : { receipt, original: { sha256: original.sha256, bytes: original.bytes } };
    });
  }

  async function bodyOf(tenant: TenantId, receipt: ReceiptRow): Promise<Bytes> {
    const report = await archive.report(tenant, receipt);
    if (report !== undefined) return report;
    const [row] = await catalogue.messages(tenant, [receipt.message]);
    if (row === undefined) throw new Failure("MESSAGE-UNKNOWN", "never", "there is no such message");
    return archive.original(tenant, row satisfies MessageRow);
  }

  async function settingsFor(tenant: TenantId, { connector, reason }: ReceiptRow) {
    const settings = await parts.settingsOf(tenant, connector);
    if (settings !== undefined && connector !== importConnectorId) return settings;
    // An import names its type for each run, and a connector may be gone: what was a report is read as one again, and
    // nothing else ever is, since anyone could have forged it.
    return { type: reportReasons.has(reason ?? "") ? ("eej" as const) : ("standard" as const), maxAgeDays: null };
  }

  async function readAgain(tenant: TenantId, { receipt, original }: QuarantineItem): Promise<ReadAgain> {
    const settings = await settingsFor(tenant, receipt);
    return { ...original, ...settings, bytes: await gather(await bodyOf(tenant, receipt), original.bytes) };
  }

  /** One pack for all of them; when that fails, one for each, so that none stands in the way of another. */
  async function record(tenant: TenantId, requests: DecisionRequest[]): Promise<Map<ReceiptId, string>> {
    const failed = new Map<ReceiptId, string>();
    if (requests.length === 0) return failed;
    try {
      await parts.record(tenant, requests);
    } catch (error) {
      const [only] = requests;
      if (requests.length === 1 && only !== undefined) {
        return failed.set(only.receipt.receipt, failureFacts(error).code);
      }
      for (const request of requests)
        for (const [receipt, code] of await record(tenant, [request])) failed.set(receipt, code);
    }
    return failed;
  }

  async function decideGroup(tenant: TenantId, items: readonly QuarantineItem[], asked: DecisionAsked) {
    const requests: DecisionRequest[] = [];
    const failed = new Map<ReceiptId, string>();
    for (const item of items) {
      const decision = {
        decision: `dec_${timedId(clock.now(), entropy.bytes(10))}`,
        action: actionDone[asked.action],
        at: clock.now(),
        ...{ by: asked.by, note: asked.note },
      };
      try {
        const again = asked.action === "retry" ? await readAgain(tenant, item) : null;
        requests.push({ decision, receipt: item.receipt, again });
      } catch (error) {
        failed.set(item.receipt.receipt, failureFacts(error).code);
      }
    }
    for (const [receipt, code] of await record(tenant, requests)) failed.set(receipt, code);
    return failed;
  }

  return {
    list: async (tenant, asked) => itemsOf(tenant, await catalogue.quarantine(tenant, asked)),
    counts: (tenant) => catalogue.quarantineCounts(tenant),
    item: async (tenant, receipt) => (await itemsOf(tenant, await catalogue.receipts(tenant, [receipt])))[0],
    original: async (tenant, id) => {
      const [item] = await itemsOf(tenant, await catalogue.receipts(tenant, [id]));
      return item && { ...item, body: await bodyOf(tenant, item.receipt) };
    },
    decide: async (tenant, asked) => {
      checkNote(asked);
      const ids = [...new Set(asked.receipts)];
      const before = new Map((await catalogue.receipts(tenant, ids)).map((row) => [row.receipt, row]));
      const open = await itemsOf(tenant, [...before.values()].filter(isUndecided));
      const failed = new Map<ReceiptId, string>();
      for (const group of groups(open))
        for (const [receipt, code] of await decideGroup(tenant, group, asked)) failed.set(receipt, code);
      const after = new Map((await catalogue.receipts(tenant, ids)).map((row) => [row.receipt, row]));
      return ids.map((receipt) => outcomeOf(receipt, before.get(receipt), after.get(receipt), failed.get(receipt)));
    },
  };
}

function checkNote({ action, note }: DecisionAsked): void {
  if (action === "discard" && (note === null || note.trim() === ""))
    throw new Failure("QUARANTINE-NOTE", "never", "say why it is discarded");
  if (note !== null && note.length > noteCharactersMax)
    throw new Failure("QUARANTINE-NOTE", "never", `a reason has at most ${noteCharactersMax} characters`);
}

/** Groups that fit one pack. */
function groups(items: readonly QuarantineItem[]): QuarantineItem[][] {
  const made: QuarantineItem[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = made.at(-1);
    bytes += item.original.bytes;
    if (last !== undefined && last.length < decisionsAtOnceMax && bytes <= bytesAtOnceMax) last.push(item);
    else {
      made.push([item]);
      bytes = item.original.bytes;
    }
  }
  return made;
}

function outcomeOf(
  receipt: ReceiptId,
  before: ReceiptRow | undefined,
  after: ReceiptRow | undefined,
  failure: string | undefined,
): DecisionOutcome {
  if (before === undefined || after === undefined) return { kind: "unknown", receipt };
  if (!isUndecided(before)) return { kind: "decided", receipt };
  if (failure !== undefined) return { kind: "failed", receipt, code: failure };
  const isChanged = before.decision?.decision !== after.decision?.decision;
  return { kind: isChanged ? "done" : "unchanged", receipt, state: after.state, reason: after.reason };
}
