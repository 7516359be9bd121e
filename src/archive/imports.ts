import { createHash } from "node:crypto";
import type { ArchiveCatalogue, ReceiptOutcome } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  Failure,
  importConnectorId,
  messageBytesMax,
  type ReceiptId,
  type TenantId,
  timedId,
} from "#core/index.ts";
import type { Spool } from "#spool/index.ts";
import type { ArchiveUseCases, ImportOutcome, ImportRun } from "./use-cases.ts";

/** Runs whose counts are remembered after they ended. */
const runsMax = 100;

/** Import runs: items go the way of all mail, and the counts tell what became of each. */
export interface Imports extends Pick<ArchiveUseCases, "beginImport" | "offerImport" | "importRun"> {
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
  const runs = new Map<string, { tenant: TenantId; counts: ImportRun }>();
  const runByReceipt = new Map<ReceiptId, ImportRun>();

  function countsOf(tenant: TenantId, run: string): ImportRun | undefined {
    const found = runs.get(run);
    return found?.tenant === tenant ? found.counts : undefined;
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
      const run = `imp_${timedId(parts.clock.now(), parts.entropy.bytes(10))}`;
      runs.set(run, {
        tenant,
        counts: { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 },
      });
      if (runs.size > runsMax) runs.delete(runs.keys().next().value as string);
      return run;
    },
    offerImport: async (tenant, run, item): Promise<ImportOutcome> => {
      const counts = countsOf(tenant, run);
      if (counts === undefined) throw new Failure("IMPORT-UNKNOWN", "never", "there is no such import; begin it again");
      const receipt = `rcp_${timedId(parts.clock.now(), parts.entropy.bytes(10))}` as ReceiptId;
      runByReceipt.set(receipt, counts);
      let isNew = false;
      try {
        isNew = await spoolItem(tenant, item, receipt);
      } finally {
        if (!isNew) runByReceipt.delete(receipt);
      }
      if (!isNew) return { state: "known" };
      counts.accepted += 1;
      counts.processing += 1;
      return { state: "accepted", receipt };
    },
    importRun: (tenant, run) => {
      const counts = countsOf(tenant, run);
      return counts === undefined ? undefined : { ...counts };
    },
    settled: (outcomes) => {
      for (const { receipt, state } of outcomes) {
        const counts = runByReceipt.get(receipt);
        if (counts === undefined) continue;
        runByReceipt.delete(receipt);
        // The same source offered twice at once: the second is a duplicate of the first.
        counts[state === "known" ? "duplicate" : state] += 1;
        counts.processing -= 1;
      }
    },
  };
}
