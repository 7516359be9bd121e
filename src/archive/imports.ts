import { createHash } from "node:crypto";
import type { ArchiveCatalogue, ReceiptOutcome } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  Failure,
  importConnectorId,
  messageBytesMax,
  type Origin,
  type ReceiptId,
  type TenantId,
  timedId,
} from "#core/index.ts";
import type { Spool } from "#spool/index.ts";
import type { ArchiveUseCases, ImportOutcome, ImportRun } from "./use-cases.ts";

/** Runs whose counts are remembered after they ended. */
const runsMax = 100;
/** Sources of one run that are counted each for itself; the command line names no more. */
const sourcesMax = 10_100;

/** Import runs: items go the way of all mail, and the counts tell what became of each. */
export interface Imports extends Pick<ArchiveUseCases, "beginImport" | "offerImport" | "importRun" | "importSources"> {
  /** Notes what became of receipts; those of other sources are ignored. */
  settled(outcomes: readonly ReceiptOutcome[]): void;
}

type Item = Parameters<ArchiveUseCases["offerImport"]>[2];

/** Import runs over a spool. Runs are forgotten with the process; receipts, and with them source keys, are not. */
export function createImports(parts: {
  spool: Spool;
  catalogue: Pick<ArchiveCatalogue, "knownReceipts">;
  clock: Clock;
  entropy: Entropy;
}): Imports {
  const runs = new Map<string, Run>();
  /** What counts each receipt: its run, and in it its source. */
  const countsByReceipt = new Map<ReceiptId, ImportRun[]>();

  function runOf(tenant: TenantId, id: string): Run | undefined {
    const found = runs.get(id);
    return found?.tenant === tenant ? found : undefined;
  }

  function countsOf({ counts, sources }: Run, origin: Origin | null): ImportRun[] {
    const source = origin?.source ?? null;
    if (source === null) return [counts];
    const known = sources.get(source);
    if (known !== undefined) return [counts, known];
    if (sources.size >= sourcesMax) return [counts];
    const first = nothingYet();
    sources.set(source, first);
    return [counts, first];
  }

  /**
   * Puts the item on the spool; false when the same bytes came from the same place before. Which it is, is known only at
   * the last byte: a file whose content has changed is another item, though its place is the same.
   */
  async function spoolItem(tenant: TenantId, item: Item, receipt: ReceiptId): Promise<boolean> {
    const begunAt = parts.clock.now();
    const source = createHash("sha256").update(`muniment-source-1\0${item.sourceKey}\0`);
    const writer = parts.spool.open();
    try {
      let bytes = 0;
      for await (const piece of item.body) {
        bytes += piece.length;
        if (bytes > messageBytesMax)
          throw new Failure("IMPORT-TOO-LARGE", "never", `a message is larger than ${messageBytesMax} bytes`);
        source.update(piece);
        await writer.write(piece);
      }
      const sourceKey = source.digest("hex");
      const known = await parts.catalogue.knownReceipts(tenant, { receipts: [], sourceKeys: [sourceKey] });
      if (known.sourceKeys.length > 0) {
        writer.abandon();
        return false;
      }
      await writer.commit({
        receipt,
        destination: { tenant, connector: importConnectorId, type: item.type, maxAgeDays: null },
        hop: {
          transport: "import",
          peer: item.label,
          helo: null,
          tls: null,
          mailFrom: null,
          rcptTo: [],
          uidl: null,
          begunAt,
          ...(item.origin === null ? {} : { origin: item.origin }),
        },
        sourceKey,
        receivedAt: parts.clock.now(),
      });
      return true;
    } catch (error) {
      writer.abandon();
      throw error;
    }
  }

  return {
    beginImport: (tenant) => {
      const id = `imp_${timedId(parts.clock.now(), parts.entropy.bytes(10))}`;
      runs.set(id, { tenant, counts: nothingYet(), sources: new Map() });
      if (runs.size > runsMax) runs.delete(runs.keys().next().value as string);
      return id;
    },
    offerImport: async (tenant, id, item): Promise<ImportOutcome> => {
      const run = runOf(tenant, id);
      if (run === undefined) throw new Failure("IMPORT-UNKNOWN", "never", "there is no such import; begin it again");
      const counts = countsOf(run, item.origin);
      const receipt = `rcp_${timedId(parts.clock.now(), parts.entropy.bytes(10))}` as ReceiptId;
      countsByReceipt.set(receipt, counts);
      let isNew = false;
      try {
        isNew = await spoolItem(tenant, item, receipt);
      } finally {
        if (!isNew) countsByReceipt.delete(receipt);
      }
      if (!isNew) return { state: "known" };
      for (const one of counts) {
        one.accepted += 1;
        one.processing += 1;
      }
      return { state: "accepted", receipt };
    },
    importRun: (tenant, id) => {
      const run = runOf(tenant, id);
      return run === undefined ? undefined : { ...run.counts };
    },
    importSources: (tenant, id) => {
      const run = runOf(tenant, id);
      return run && [...run.sources].map(([source, counts]) => ({ source, ...counts }));
    },
    settled: (outcomes) => {
      for (const { receipt, state } of outcomes) {
        const counts = countsByReceipt.get(receipt) ?? [];
        countsByReceipt.delete(receipt);
        for (const one of counts) {
          // The same source offered twice at once: the second is a duplicate of the first.
          one[state === "known" ? "duplicate" : state] += 1;
          one.processing -= 1;
        }
      }
    },
  };
}

interface Run {
  tenant: TenantId;
  counts: ImportRun;
  sources: Map<string, ImportRun>;
}

function nothingYet(): ImportRun {
  return { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 };
}
