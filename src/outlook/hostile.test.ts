import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusFile } from "../../test/corpus.ts";
import { readMessage } from "../mail/index.ts";
import { outlookForm, renderOutlook } from "./index.ts";

const seed = "0".repeat(64);
const nested = corpusFile("outlook-msgreader/msgInMsgInMsg.msg");
/** Where the header keeps the place of the first sector of the table of chains, and of the directory. */
const [tableAt, directoryAt] = [0x4c, 0x30];

const sectorAt = (sector: number) => (sector + 1) * 512;

function render(bytes: Buffer) {
  const rendering = renderOutlook(bytes, seed);
  assert.ok(rendering !== null);
  readMessage(rendering.bytes);
  return rendering;
}

test("what does not begin as a compound file is none, and no mail begins so", () => {
  assert.equal(outlookForm(Buffer.from("Subject: x\r\n\r\n")), null);
  assert.equal(outlookForm(Buffer.alloc(0)), null);
  assert.equal(outlookForm(nested.subarray(0, 8)), "msg");
  assert.equal(renderOutlook(Buffer.from("x"), seed), null);
});

test("a file of nothing but its first octets is damaged and empty", () => {
  for (const bytes of [8, 100, 512, 1024]) {
    const { defects } = render(nested.subarray(0, bytes));
    assert.ok(defects.includes("outlook_damaged"), `${bytes}`);
  }
});

test("chains that lead in circles end", () => {
  const table = nested.readUInt32LE(tableAt);
  const circles = Buffer.from(nested);
  // Every sector leads to itself, then every sector leads to the directory.
  const count = 128;
  for (let index = 0; index < count; index += 1) circles.writeUInt32LE(index, sectorAt(table) + index * 4);
  assert.ok(render(circles).defects.includes("outlook_damaged"));
  const directory = nested.readUInt32LE(directoryAt);
  for (let index = 0; index < count; index += 1) circles.writeUInt32LE(directory, sectorAt(table) + index * 4);
  render(circles);
});

test("a directory that refers to itself is visited once", () => {
  const directory = sectorAt(nested.readUInt32LE(directoryAt));
  for (const link of [0x44, 0x48, 0x4c]) {
    const loop = Buffer.from(nested);
    for (let entry = 0; entry < 4; entry += 1) loop.writeUInt32LE(entry, directory + entry * 128 + link);
    assert.ok(render(loop).defects.includes("outlook_damaged"), `${link}`);
  }
});

test("sizes that are claimed allocate nothing, and many streams over the same octets give no more than twice the file", () => {
  const directory = sectorAt(nested.readUInt32LE(directoryAt));
  const claims = Buffer.from(nested);
  for (let entry = 0; entry < 4; entry += 1) claims.writeUInt32LE(0xfffffff0, directory + entry * 128 + 0x78);
  const { bytes, defects } = render(claims);
  assert.ok(defects.includes("outlook_damaged"));
  assert.ok(bytes.length < nested.length * 4, `${bytes.length}`);
});

test("files cut at any place and with any octets changed are read without fault", () => {
  for (const name of ["msgInMsgInMsg.msg", "voteItems.msg", "nonUnicodeCP932.msg"]) {
    const good = corpusFile(`outlook-msgreader/${name}`);
    for (let cut = 512; cut < good.length; cut += 1_531) render(good.subarray(0, cut));
    let state = 12_345;
    const next = () => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      return state;
    };
    for (let round = 0; round < 300; round += 1) {
      const changed = Buffer.from(good);
      for (let change = 0; change < 20; change += 1) changed[8 + (next() % (changed.length - 8))] = next() >> 8;
      render(changed);
    }
  }
});
