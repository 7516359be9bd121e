import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceiptId, TenantId } from "#core/index.ts";
import { archivedMailOf } from "./archived-mail.ts";

const acme = "acme" as TenantId;
const [first, second] = ["rcp_1", "rcp_2"].map((receipt) => ({
  receipt: receipt as ReceiptId,
  sourceKey: `${receipt} key`,
}));

/** A catalogue into which `entered` come, each with its source key, as soon as a first question has been answered. */
function catalogueOf(entered: readonly { receipt: ReceiptId; sourceKey: string }[]) {
  let isEntered = false;
  const there = () => (isEntered ? entered : []);
  return {
    receiptStates: async (_: TenantId, receipts: readonly ReceiptId[]) => {
      const states = there().filter(({ receipt }) => receipts.includes(receipt));
      isEntered = true;
      return states.map(({ receipt }) => ({ receipt, state: "archived" as const }));
    },
    knownReceipts: async (_: TenantId, { sourceKeys }: { sourceKeys: readonly string[] }) => ({
      receipts: [],
      sourceKeys: there()
        .map(({ sourceKey }) => sourceKey)
        .filter((key) => sourceKeys.includes(key)),
    }),
  };
}

test("a capture that is entered between two questions is archived, and no duplicate of itself", async () => {
  const mail = archivedMailOf(catalogueOf([first!]), acme, async () => undefined);
  assert.deepEqual([...(await mail.settled([first!, second!]))], [[first!.receipt, "archived"]]);
});

test("a capture whose source key came under another receipt is a duplicate", async () => {
  const other = { receipt: "rcp_9" as ReceiptId, sourceKey: first!.sourceKey };
  const mail = archivedMailOf(catalogueOf([other]), acme, async () => undefined);
  assert.deepEqual([...(await mail.settled([first!]))], [[first!.receipt, "duplicate"]]);
});
