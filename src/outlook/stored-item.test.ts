import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "../mail/index.ts";
import { outlookForm, renderOutlook } from "./index.ts";
import type { OutlookItem, OutlookProperty } from "./item.ts";
import { readStoredItem, storeItem } from "./stored-item.ts";

const seed = "cd".repeat(32);

const text = (id: number, value: string): OutlookProperty => ({ id, type: 0x1f, value: Buffer.from(value, "utf16le") });
const number = (id: number, value: number): OutlookProperty => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return { id, type: 3, value: bytes };
};

const inner: OutlookItem = {
  properties: [text(0x37, "inner"), text(0x1000, "inside\r\n")],
  recipients: [],
  attachments: [],
};
const whole: OutlookItem = {
  properties: [text(0x1000, "body\r\n"), text(0x37, "\u0001\u0005Re: outer"), number(0x67f2, 7), text(0x8001, "named")],
  recipients: [[number(0x0c15, 1), text(0x3001, "Bob"), text(0x39fe, "bob@example.com"), number(0x67f2, 3)]],
  attachments: [
    { properties: [text(0x3707, "a.txt"), { id: 0x3701, type: 0x102, value: Buffer.from("file") }], item: null },
    { properties: [text(0x3001, "inner"), { id: 0x3701, type: 0x0d, value: Buffer.alloc(8) }], item: inner },
  ],
};

test("an item is stored as the document says, octet for octet", () => {
  const item: OutlookItem = { properties: [number(0x37, 2), number(0x1a, 1)], recipients: [[]], attachments: [] };
  const head = "8f4d554e4954454d" + "01" + "01";
  const properties = "02000000" + "1a00030004000000" + "01000000" + "3700030004000000" + "02000000";
  assert.equal(storeItem(item, true).toString("hex"), `${head}${properties}${"01000000" + "00000000"}${"00000000"}`);
});

test("an item comes back as it was stored, without what belongs to its file, and the same whatever order it had", () => {
  const stored = storeItem(whole, false);
  assert.equal(outlookForm(stored), "pst-item");
  const { item, isDamaged } = readStoredItem(stored);
  assert.equal(isDamaged, false);
  assert.deepEqual(
    item.properties.map(({ id }) => id),
    [0x37, 0x1000, 0x8001],
  );
  assert.deepEqual(
    item.recipients[0]?.map(({ id }) => id),
    [0x0c15, 0x3001, 0x39fe],
  );
  assert.deepEqual(
    item.attachments[1]?.properties.map(({ id }) => id),
    [0x3001],
  );
  assert.deepEqual(item.attachments[1]?.item, inner);
  assert.deepEqual(storeItem({ ...whole, properties: whole.properties.toReversed() }, false), stored);
  assert.deepEqual(storeItem(item, false), stored);
});

test("a stored item is read as a mail", () => {
  const { bytes, defects } = renderOutlook(storeItem(whole, false), seed)!;
  const reading = readMessage(bytes);
  assert.deepEqual([defects, reading.defects], [[], []]);
  assert.equal(reading.headers.subject, "Re: outer");
  assert.deepEqual(reading.headers.to, [{ name: "Bob", address: "bob@example.com" }]);
  assert.match(reading.text, /body[\s\S]*inside/);
  assert.deepEqual(
    reading.parts.flatMap(({ filename }) => filename ?? []),
    ["a.txt", "inner"],
  );
});

test("an item that was read in part, an unknown version and octets too many or too few are damage", () => {
  const defects = (bytes: Buffer) => renderOutlook(bytes, seed)!.defects;
  const stored = storeItem(whole, false);
  assert.deepEqual(defects(storeItem(whole, true)), ["outlook_damaged"]);
  assert.deepEqual(defects(Buffer.concat([stored, Buffer.from("x")])), ["outlook_damaged"]);
  const later = Buffer.from(stored);
  later[8] = 2;
  assert.deepEqual(defects(later), ["outlook_damaged"]);
  for (let cut = 8; cut < stored.length; cut += 1)
    assert.deepEqual(defects(stored.subarray(0, cut)), ["outlook_damaged"]);
  const counts = Buffer.from(stored);
  counts.writeUInt32LE(0xffffffff, 10);
  assert.deepEqual(defects(counts), ["outlook_damaged"]);
});

test("items in items beyond the depth are damage, and nothing is thrown", () => {
  const level = storeItem({ ...inner, attachments: [{ properties: [], item: inner }] }, false);
  assert.equal(readStoredItem(level).isDamaged, false);
  // Written by hand, since a writer of ours would not nest so deep.
  const one = Buffer.from("0000000000000000" + "01000000" + "00000000" + "01", "hex");
  const deep = Buffer.concat([level.subarray(0, 10), ...Array<Buffer>(100_000).fill(one)]);
  assert.equal(readStoredItem(deep).isDamaged, true);
});
