import assert from "node:assert/strict";
import { test } from "node:test";
import type { CatalogueBatch, StoredAt } from "#catalogue/index.ts";
import {
  batchOf,
  type Context,
  hop,
  messageEntry,
  packEntry,
  receiptEntry,
  recipient,
  reportEntry,
  statesOf,
} from "./catalogue-entries.ts";

export function textContract({ catalogue, newTenant }: Context): void {
  const texts: [string, string][] = [
    ["a NUL character", "before\0after"],
    ["every control character", String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code)) + "\x7f"],
    ["quotes and SQL", `'; drop table messages; -- "%_\\`],
    ["emoji and characters beyond the basic plane", "👩‍👩‍👧 𝔘𝔫𝔦 🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
    ["letters that have two spellings", "e\u0301 \u00e9 \u1100\u1161"],
    ["right-to-left text and marks", "\u202eשלום\u202c مرحبا"],
    ["a text that is only spaces", "  \t "],
    ["an empty text", ""],
    ["a hundred thousand characters", "longer and longer ".repeat(6_000)],
    ["a name of the language", "__proto__"],
  ];
  for (const [what, text] of texts) {
    test(`keeps ${what} in every field that a sender fills`, () => check(text, text));
  }

  test("puts U+FFFD for a lone surrogate, alike in every field", () =>
    check("a\ud800b\udc00c😀\ud83d", "a\ufffdb\ufffdc😀\ufffd"));

  async function check(text: string, expected: string): Promise<void> {
    const tenant = await newTenant();
    const [given, kept] = [text, expected].map((value) => textBatch(value)) as [CatalogueBatch, CatalogueBatch];
    await catalogue().commit(tenant, given);
    const [row] = await catalogue().messages(tenant, [kept.messages[0]!.id]);
    const { receipts, ...message } = row!;
    assert.deepEqual(message, kept.messages[0]);
    assert.deepEqual(receipts, [{ ...kept.receipts[0]!, archivedAt: kept.archivedAt, seq: 1 }]);
    assert.deepEqual(await catalogue().packs(tenant), [kept.pack]);
    const known = await catalogue().knownReceipts(tenant, { receipts: [], sourceKeys: [text] });
    assert.deepEqual(known.sourceKeys, [expected]);
    assert.deepEqual(statesOf(await catalogue().commit(tenant, given)), ["known"]);
  }
}

/** A batch with `text` in every field that holds text which is not ours. */
function textBatch(text: string): CatalogueBatch {
  const mailbox = { name: text, address: text };
  const message = messageEntry("a", {
    subject: text,
    from: [mailbox],
    to: [mailbox, mailbox],
    cc: [mailbox],
    bcc: [mailbox],
    messageId: text,
    parts: [{ path: text, type: text, filename: text, bytes: 1 }],
    defects: [text],
    storedAt: text as StoredAt,
  });
  const receipt = receiptEntry("r1", message, {
    flags: [text],
    reason: text,
    sourceKey: text,
    hop: { ...hop, transport: "pop3", peer: text, helo: text, tls: text, mailFrom: text, rcptTo: [text], uidl: text },
    envelope: { sender: text, onBehalfOf: text, recipients: [recipient(text, { via: text })] },
    report: { ...reportEntry("report"), dialect: text, reasons: [text] },
  });
  return { ...batchOf([message], [receipt]), pack: { ...packEntry("p1"), blob: text } };
}
