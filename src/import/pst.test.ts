import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { corpusFile, corpusFolder } from "../../test/corpus.ts";
import { readMessage } from "../mail/index.ts";
import { renderOutlook } from "../outlook/index.ts";
import type { Found } from "./found.ts";
import { readPst } from "./pst.ts";
import { readSources } from "./read-sources.ts";

const samplePath = join(corpusFolder, "outlook-tika/testPST.pst");
const sample = corpusFile("outlook-tika/testPST.pst");

interface Item {
  label: string;
  folder: string | null;
  owner: string | null;
  key: string;
  bytes: Buffer;
}

async function read(found: AsyncIterable<Found>): Promise<{ items: Item[]; others: string[] }> {
  const items: Item[] = [];
  const others: string[] = [];
  for await (const one of found) {
    if (one.kind === "message") {
      const parts: Uint8Array[] = [];
      for await (const piece of one.bytes()) parts.push(piece);
      const { label, folder, owner, sourceKey: key } = one;
      items.push({ label, folder, owner, key, bytes: Buffer.concat(parts) });
    } else if (one.kind !== "variant") others.push(`${one.kind} ${one.label}: ${one.reason}`);
  }
  return { items, others };
}

async function fileOf(t: TestContext, content: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-import-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "a.pst");
  await writeFile(path, content);
  return path;
}

const placeOf = (path: string) => ({ path: Buffer.from(path), source: path, steps: [] });

function mailOf({ bytes }: Item) {
  const digest = createHash("sha256").update(bytes).digest("hex");
  const rendering = renderOutlook(bytes, digest);
  assert.ok(rendering !== null);
  return { ...readMessage(rendering.bytes), rendered: rendering.defects };
}

test("the PST file of the corpus gives its seven messages with folder and owner, whole, and the same each time", async () => {
  const { items, others } = await read(readSources([samplePath]));
  assert.deepEqual(others, []);
  const mails = items.map(mailOf);
  assert.deepEqual(
    mails.map(({ headers }) => headers.subject),
    [
      "Re: Feature Generators",
      'Re: init tokenizer fails: "Bad type in putfield/putstatic"',
      "Feature Generators",
      "[jira] [Resolved] (TIKA-1249) Vcard files detection",
      "[jira] [Commented] (TIKA-1250) Process loops infintely processing a CHM file",
      '[WEBINAR] - "Introducing Couchbase Server 2.5"',
      "FW: First email",
    ],
  );
  for (const { rendered, defects } of mails) assert.deepEqual([rendered, defects], [[], []]);
  assert.deepEqual([...new Set(items.map(({ folder }) => folder))], ["Début du fichier de données Outlook"]);
  assert.deepEqual([...new Set(items.map(({ owner }) => owner))], ["hong-thai.nguyen"]);
  assert.deepEqual(mails[0]?.headers.from, [{ name: "Jörn Kottmann", address: "kottmann@gmail.com" }]);
  assert.match(mails[0]?.text ?? "", /the PreviousMapFeatureGenerator remebers/);
  // The last one forwards a mail with a file in it, three deep.
  const nested = mails[6]?.parts.flatMap(({ filename }) => filename ?? []) ?? [];
  assert.ok(nested.includes("First email"), nested.join());
  assert.equal(new Set(items.map(({ key }) => key)).size, 7);
  assert.deepEqual(await read(readSources([samplePath])), { items, others });
});

test("stores of other versions give every item their folders count, also those of tables in several blocks", async () => {
  const brought = import.meta.resolve("pst-extractor/example/testdata/enron.pst").replace(/enron\.pst$/, "");
  const counts: Record<string, number> = { "enron.pst": 71, "pstextractortest@outlook.com.ost": 183 };
  for (const [name, count] of Object.entries(counts)) {
    const { items, others } = await read(readSources([fileURLToPath(brought + name)]));
    assert.deepEqual([items.length, others], [count, []], name);
    for (const item of items) assert.deepEqual(mailOf(item).rendered, [], item.label);
  }
});

test("a PST file that is cut or changed anywhere gives what can be read, and never hangs or throws", async (t) => {
  let state = 99;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    return state;
  };
  for (let round = 0; round < 6; round += 1) {
    const changed = Buffer.from(sample);
    for (let change = 0; change < 200; change += 1) changed[514 + (next() % (changed.length - 514))] = next() >> 8;
    const path = await fileOf(t, round === 0 ? changed.subarray(0, 700_000) : changed);
    const { items, others } = await read(readPst(placeOf(path), 2_000));
    assert.ok(items.length + others.length > 0);
    for (const item of items) mailOf(item);
  }
  assert.match((await read(readSources([await fileOf(t, Buffer.from("!BDN"))]))).others.join(), /^unreadable/);
});

test("a PST file whose tree leads in a circle is given up in time", async (t) => {
  // Every branch of the tree of nodes leads to its root page again ([MS-PST] §2.2.2.7.7): its reader never comes to a leaf.
  const circle = Buffer.from(sample);
  const root = Number(circle.readBigUInt64LE(224));
  circle[root + 491] = 1;
  for (let entry = 0; entry < 20; entry += 1) circle.writeBigUInt64LE(BigInt(root), root + entry * 24 + 16);
  const { items, others } = await read(readPst(placeOf(await fileOf(t, circle)), 1_500));
  assert.deepEqual(items, []);
  assert.equal(others.length, 1);
  assert.match(others[0]!, /not read within 1\.5 seconds/);
});

test("without the optional package a PST file is told as unreadable, with what to install", async (t) => {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) => next(name.replace(/^pst-extractor/, "pst-extractor-not-here"), context) });`;
  const script = `const { readSources } = await import(${JSON.stringify(new URL("./read-sources.ts", import.meta.url).href)});
    for await (const found of readSources([${JSON.stringify(samplePath)}])) console.log(found.kind, found.reason);`;
  const main = (await fileOf(t, Buffer.from(script))).replace(/pst$/, "mjs");
  await writeFile(main, script);
  const args = ["--conditions=source", "--import", `data:text/javascript,${encodeURIComponent(hook)}`, main];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const printed = String(await allOf(child.stdout));
  const expected =
    "PST files are read with the package pst-extractor, which is not installed: npm install pst-extractor";
  assert.equal(printed, `unreadable ${expected}\n`);
});

async function allOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of stream) parts.push(piece);
  return Buffer.concat(parts);
}
