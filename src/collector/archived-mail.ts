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
  const statesOf = async (captures: readonly { receipt: ReceiptId }[]) => {
    const receipts = captures.map(({ receipt }) => receipt);
    const states = receipts.length === 0 ? [] : await catalogue.receiptStates(tenant, receipts);
    return states.map(({ receipt, state }): [ReceiptId, SettledState] => [receipt, state]);
  };
  return {
    settled: async (captures) => {
      const settled = new Map(await statesOf(captures));
      const others = captures.filter(({ receipt }) => !settled.has(receipt));
      if (others.length === 0) return settled;
      const sourceKeys = others.map(({ sourceKey }) => sourceKey);
      const known = new Set((await catalogue.knownReceipts(tenant, { receipts: [], sourceKeys })).sourceKeys);
      const twice = others.filter(({ sourceKey }) => known.has(sourceKey));
      for (const { receipt } of twice) settled.set(receipt, "duplicate");
      // Entered between the two questions, a capture is known by the key that it brought itself.
      for (const [receipt, state] of await statesOf(twice)) settled.set(receipt, state);
      return settled;
    },
    changed,
  };
}
