import type { ArchiveCatalogue } from "#catalogue/index.ts";
import type { ReceiptId, TenantId } from "#core/index.ts";
import type { ArchivedMail, SettledState } from "#pop3/index.ts";

/**
 * The catalogue's word on captures: nothing is deleted from a mailbox without it. A capture that is known by its source key
 * alone was taken in before, under another receipt.
 *
 * @param changed resolves when something may have been archived, or the signal aborts
 */
export function archivedMailOf(
  catalogue: Pick<ArchiveCatalogue, "receiptStates" | "knownReceipts">,
  tenant: TenantId,
  changed: (signal: AbortSignal) => Promise<void>,
): ArchivedMail {
  return {
    settled: async (captures) => {
      const states = await catalogue.receiptStates(
        tenant,
        captures.map(({ receipt }) => receipt),
      );
      const settled = new Map<ReceiptId, SettledState>(states.map(({ receipt, state }) => [receipt, state]));
      const others = captures.filter(({ receipt }) => !settled.has(receipt));
      if (others.length === 0) return settled;
      const sourceKeys = others.map(({ sourceKey }) => sourceKey);
      const known = new Set((await catalogue.knownReceipts(tenant, { receipts: [], sourceKeys })).sourceKeys);
      for (const { receipt, sourceKey } of others) if (known.has(sourceKey)) settled.set(receipt, "duplicate");
      return settled;
    },
    changed,
  };
}
