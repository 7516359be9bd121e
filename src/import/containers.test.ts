import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { corpusFolder } from "../../test/corpus.ts";
import { type ZipMember, zipOf } from "../../test/support/zip.ts";
import { Budget, containersDepthMax } from "./budget.ts";
import type { Found } from "./found.ts";
import { memberHeldBytesMax } from "./passing.ts";
import { readSources } from "./read-sources.ts";

const fromLine = "From ann@example.com Tue Jul 23 19:39:23 2002\n";

async function fileOf(t: TestContext, name: string, content: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-import-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), content);
  return folder;
}

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(piece);
  return Buffer.concat(parts);
}

/** What is found below a path, in short; a message whose bytes cannot be read is told as failed. */
async function shortly(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const found of readSources([folder])) {
    const place = found.label.replace(`${folder}/`, "");
    if (found.kind === "variant") continue;
    lines.push(`${place} ${found.kind === "message" ? await content(found) : found.kind}`);
  }
  return lines;
}

async function content(found: Found & { kind: "message" }): Promise<string> {
  try {
    const bytes = await bytesOf(found.bytes());
    assert.equal(bytes.length, found.length, found.label);
    return bytes.length > 100 ? `${bytes.length} octets` : JSON.stringify(bytes.toString("latin1"));
  } catch (error) {
    assert.equal((error as { code?: string }).code, "IMPORT-UNREADABLE");
    return "failed";
  }
}

async function reasonsOf(folder: string): Promise<Record<string, string>> {
  const reasons: Record<string, string> = {};
  for await (const found of readSources([folder])) {
    if (found.kind === "unreadable" || found.kind === "ignored")
      reasons[found.label.replace(`${folder}/`, "")] = found.reason;
  }
  return reasons;
}

async function tarOf(name: string, content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  return bytesOf(tar as AsyncIterable<Uint8Array>);
}

test("a ZIP archive gives mail, mboxes, emlx, tars, gzipped files and archives in it, stored or deflated", async (t) => {
  const mbox = `${fromLine}A: 1\n\none\n\n${fromLine}B: 2\n\ntwo\n`;
  const members: ZipMember[] = [
    { name: "mail/", content: "", method: 0 },
    { name: "mail/1.eml", content: "Subject: 1\n\n", method: 0 },
    { name: "mail/2", content: "Subject: 2\n\n" },
    { name: "mail/Inbox", content: mbox },
    { name: "3.emlx", content: "12\nSubject: 3\n\n<plist></plist>\n" },
    { name: "4.tar", content: await tarOf("x/4.eml", "Subject: 4\n\n") },
    { name: "5.tar.gz", content: gzipSync(await tarOf("5.eml", "Subject: 5\n\n")) },
    { name: "6.eml.gz", content: gzipSync("Subject: 6\n\n") },
    { name: "Sent.gz", content: gzipSync(mbox) },
    { name: "7.zip", content: zipOf([{ name: "y/7.eml", content: "Subject: 7\n\n" }]) },
    { name: "notes.txt", content: "no mail\n" },
    { name: "store.pst", content: "!BDN and more" },
    { name: "a.docx", content: zipOf([{ name: "[Content_Types].xml", content: "<x/>" }]) },
  ];
  const folder = await fileOf(t, "a.zip", zipOf(members));
  assert.deepEqual(await shortly(folder), [
    'a.zip: mail/1.eml "Subject: 1\\n\\n"',
    'a.zip: mail/2 "Subject: 2\\n\\n"',
    'a.zip: mail/Inbox: message 1 "A: 1\\n\\none\\n"',
    'a.zip: mail/Inbox: message 2 "B: 2\\n\\ntwo\\n"',
    'a.zip: 3.emlx "Subject: 3\\n\\n"',
    'a.zip: 4.tar: x/4.eml "Subject: 4\\n\\n"',
    'a.zip: 5.tar.gz: 5.eml "Subject: 5\\n\\n"',
    'a.zip: 6.eml.gz "Subject: 6\\n\\n"',
    'a.zip: Sent.gz: message 1 "A: 1\\n\\none\\n"',
    'a.zip: Sent.gz: message 2 "B: 2\\n\\ntwo\\n"',
    'a.zip: 7.zip: y/7.eml "Subject: 7\\n\\n"',
    "a.zip: notes.txt ignored",
    "a.zip: store.pst unreadable",
    "a.zip: a.docx ignored",
  ]);
  const found: Found[] = [];
  for await (const one of readSources([folder])) found.push(one);
  const messages = found.flatMap((one) => (one.kind === "message" ? [one] : []));
  assert.equal(new Set(messages.map(({ sourceKey }) => sourceKey)).size, messages.length);
  assert.deepEqual(
    messages.map((one) => one.folder),
    ["mail", "mail", "mail/Inbox", "mail/Inbox", null, "x", null, null, "Sent.gz", "Sent.gz", "y"],
  );
  assert.deepEqual([...new Set(found.map(({ source }) => source))], [join(folder, "a.zip")]);
});

test("gzipped mail and mboxes are read where they lie, and keep the keys of their places", async (t) => {
  const folder = await fileOf(t, "1.eml.gz", gzipSync("Subject: 1\n\n"));
  await writeFile(join(folder, "Inbox.mbox.gz"), gzipSync(`${fromLine}A: 1\n\n${fromLine}B: 2\n\n`));
  await writeFile(join(folder, "notes.gz"), gzipSync("no mail\n"));
  assert.deepEqual(await shortly(folder), [
    '1.eml.gz "Subject: 1\\n\\n"',
    'Inbox.mbox.gz: message 1 "A: 1\\n"',
    'Inbox.mbox.gz: message 2 "B: 2\\n"',
    "notes.gz ignored",
  ]);
});

test("a large member passes by once, its checksum held to the end, and the archive goes on", async (t) => {
  const large = Buffer.alloc(memberHeldBytesMax * 2, "Subject: b\n");
  const members: ZipMember[] = [
    { name: "1.eml", content: large },
    { name: "2.eml", content: large, method: 0, claimed: { crc: 1 } },
    { name: "3.eml", content: large },
    { name: "box", content: `${fromLine}${large}\n\n${fromLine}A: 1\n\n` },
    { name: "4.eml", content: "Subject: 4\n\n" },
  ];
  const folder = await fileOf(t, "a.zip", zipOf(members));
  assert.deepEqual(await shortly(folder), [
    `a.zip: 1.eml ${large.length} octets`,
    "a.zip: 2.eml failed",
    `a.zip: 3.eml ${large.length} octets`,
    `a.zip: box: message 1 ${large.length + 1} octets`,
    'a.zip: box: message 2 "A: 1\\n"',
    'a.zip: 4.eml "Subject: 4\\n\\n"',
  ]);
});

test("what cannot be read of a ZIP archive is told by name, and the rest is read", async (t) => {
  const members: ZipMember[] = [
    { name: "locked.eml", content: "Subject: x\n\n", flags: 1 },
    { name: "lzma.eml", content: "Subject: x\n\n", method: 14 },
    { name: "sum.eml", content: "Subject: x\n\n", claimed: { crc: 7 } },
    { name: "link.eml", content: "/etc/passwd", method: 0, mode: 0o120777 },
    { name: "short.eml", content: "Subject: x\n\n", claimed: { bytes: 4_000_000_000 } },
    { name: "long.eml", content: "Subject: x\n\n", claimed: { bytes: 3 } },
    { name: "good.eml", content: "Subject: good\n\n" },
  ];
  const folder = await fileOf(t, "a.zip", zipOf(members));
  assert.deepEqual(await shortly(folder), [
    "a.zip: locked.eml unreadable",
    "a.zip: lzma.eml unreadable",
    "a.zip: sum.eml unreadable",
    "a.zip: link.eml ignored",
    "a.zip: short.eml unreadable",
    "a.zip: long.eml unreadable",
    'a.zip: good.eml "Subject: good\\n\\n"',
  ]);
  const reasons = await reasonsOf(folder);
  assert.match(reasons["a.zip: lzma.eml"]!, /method 14/);
  assert.match(reasons["a.zip: sum.eml"]!, /checksum/);
  const encrypted = await reasonsOf(join(corpusFolder, "documents-tika/archives/testZipEncrypted.zip"));
  assert.ok(Object.values(encrypted).some((reason) => reason.includes("encrypted")));
});

test("a ZIP archive without its end, or with a broken table, is one unreadable thing after what can be read", async (t) => {
  const whole = zipOf([1, 2, 3].map((n) => ({ name: `${n}.eml`, content: `Subject: ${n}\n\n` })));
  const broken = Buffer.from(whole);
  broken.write("XX", broken.lastIndexOf("PK\x01\x02"));
  const cut = await fileOf(t, "cut.zip", whole.subarray(0, -30));
  assert.deepEqual(await shortly(cut), ["cut.zip unreadable"]);
  assert.deepEqual(await shortly(await fileOf(t, "a.zip", broken)), [
    'a.zip: 1.eml "Subject: 1\\n\\n"',
    'a.zip: 2.eml "Subject: 2\\n\\n"',
    "a.zip unreadable",
  ]);
});

test("names are only names: nothing is written, whatever they say", async (t) => {
  const names = [
    "../../evil.eml",
    "/etc/evil.eml",
    "C:\\evil.eml",
    "..\\evil.eml",
    "con.eml",
    `${"n".repeat(300)}.eml`,
  ];
  const twice = [...names, "../../evil.eml", "nul\0.eml"];
  const folder = await fileOf(
    t,
    "a.zip",
    zipOf(twice.map((name) => ({ name, content: `Subject: ${name.length}\n\n` }))),
  );
  const lines = await shortly(folder);
  assert.equal(lines.length, twice.length);
  assert.ok(lines.every((line) => line.includes("Subject: ")));
  assert.deepEqual(await readdir(folder), ["a.zip"]);
});

test("archives that unfold to themselves end, and what lies beside them is read", async (t) => {
  const folder = await fileOf(t, "z.eml", Buffer.from("Subject: z\n\n"));
  const found: Found[] = [];
  const bombs = ["droste.zip", "quine.gz", "multiple.gz"].map((name) =>
    join(corpusFolder, "documents-tika/archives", name),
  );
  for await (const one of readSources([...bombs, folder])) found.push(one);
  const deep = found.filter((one) => one.kind === "unreadable" && one.reason.includes("inside one another"));
  assert.equal(deep.length, 2, "droste.zip and quine.gz each end at the depth");
  assert.ok(deep[0]!.label.split(": ").length >= containersDepthMax);
  assert.equal(found.at(-1)?.kind, "message");
});

test("a bomb stops at what a file of its size may unfold to, in time and memory, and the next file is read", async (t) => {
  // Ten megabytes of mail that deflate to ten thousand octets, listed a thousand times, in an archive in an archive.
  const mail = Buffer.concat([Buffer.from("Subject: x\n\n"), Buffer.alloc(10_000_000)]);
  const overlapping = zipOf([{ name: "1.eml", content: mail, times: 1_000 }]);
  const folder = await fileOf(t, "a.zip", zipOf([{ name: "b.zip", content: overlapping, method: 0 }]));
  await writeFile(join(folder, "b.gz"), gzipSync(Buffer.concat([mail, Buffer.alloc(200_000_000)])));
  await writeFile(join(folder, "c.eml"), "Subject: c\n\n");
  let octets = 0;
  const kinds: string[] = [];
  const before = process.memoryUsage().rss;
  for await (const found of readSources([folder])) {
    kinds.push(`${found.source.slice(folder.length)} ${found.kind}`);
    if (found.kind !== "message") continue;
    await bytesOf(found.bytes()).then(
      (bytes) => {
        octets += bytes.length;
      },
      (error: { code?: string }) => assert.equal(error.code, "IMPORT-UNREADABLE"),
    );
  }
  assert.ok(octets < 100_000_000, `${octets} octets came out`);
  assert.deepEqual(kinds.slice(-3), ["/a.zip unreadable", "/b.gz unreadable", " message"]);
  assert.ok(kinds.filter((kind) => kind === "/a.zip message").length < 10);
  assert.ok(process.memoryUsage().rss - before < 400_000_000);
});

test("what is no mail is not unfolded to its end", async (t) => {
  const folder = await fileOf(t, "log.gz", gzipSync(Buffer.alloc(100_000_000, "no mail\n")));
  assert.deepEqual(await shortly(folder), ["log.gz ignored"]);
});

test("nothing is allocated by what an archive claims", async () => {
  const archives = join(corpusFolder, "documents-tika/archives");
  const reasons = await reasonsOf(archives);
  for (const name of ["testZIP_corrupted_oom.zip", "testZ_oom.Z", "test-documents.7z", "test-documents.rar"])
    assert.ok(
      Object.keys(reasons).some((label) => label.startsWith(name)),
      name,
    );
  assert.match(reasons["test-documents.7z"]!, /7-Zip/);
});

test("a budget is spent by octets, members and what is held, and says so from then on", () => {
  const members = new Budget(0);
  for (let count = 0; count < 1_000_000; count += 1) members.member();
  assert.equal(members.isSpent, false);
  assert.throws(() => members.member(), { code: "IMPORT-UNREADABLE" });
  assert.equal(members.isSpent, true);
  const octets = new Budget(1_000);
  octets.unfold(64 * 1024 * 1024 + 200_000);
  assert.throws(() => octets.unfold(1), { code: "IMPORT-UNREADABLE" });
  const room = octets.holdable();
  octets.hold(room);
  assert.equal(octets.holdable(), 0);
  octets.hold(-room);
  assert.equal(octets.holdable(), room);
});

test("nested archives beyond the depth are told, those up to it are read", async (t) => {
  let archive = Buffer.from("Subject: deep\n\n") as Buffer;
  let name = "m.eml";
  for (let depth = 0; depth < containersDepthMax; depth += 1) {
    archive = zipOf([{ name, content: archive }]);
    name = "n.zip";
  }
  const lines = await shortly(await fileOf(t, "a.zip", archive));
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /"Subject: deep/);
  const deeper = await shortly(await fileOf(t, "a.zip", zipOf([{ name, content: archive }])));
  assert.match(deeper.join(), /^[^"]*unreadable$/);
});

test("archives of any octets are read without fault", async (t) => {
  const good = zipOf([
    { name: "1.eml", content: "Subject: 1\n\n" },
    { name: "2.zip", content: zipOf([{ name: "3.eml", content: "Subject: 3\n\n" }]) },
  ]);
  const folder = await fileOf(t, "a.zip", good);
  let digest = createHash("sha256").update("octets").digest();
  for (let round = 0; round < 200; round += 1) {
    digest = createHash("sha256").update(digest).digest();
    const broken = Buffer.from(good);
    for (let flip = 0; flip < 4; flip += 1) {
      const at = digest.readUInt32LE(flip * 4) % broken.length;
      broken[at] = digest[16 + flip]!;
    }
    await writeFile(join(folder, "a.zip"), broken);
    await shortly(folder);
  }
});

test("an mbox in an archive is split as it is on disk, by Content-Length too", async (t) => {
  const body = `one\n\n${fromLine}B: 2\n\n`.repeat(50_000);
  const small = `see\n\n${fromLine}\n`;
  const messages = [
    `A: 1\nContent-Length: ${body.length}\n\n${body}`,
    `C: 3\nContent-Length: ${small.length}\n\n${small}`,
    "D: 4\nContent-Length: 200000000\n\nfour\n",
  ];
  const mbox = messages.map((message) => `${fromLine}${message}\n`).join("");
  const folder = await fileOf(t, "a.zip", zipOf([{ name: "box", content: mbox }]));
  const onDisk = await fileOf(t, "box", Buffer.from(mbox));
  const expected: string[] = [];
  for await (const found of readSources([onDisk])) {
    if (found.kind === "variant") assert.equal(found.variant, "mboxcl2");
    else assert.ok(found.kind === "message" && expected.push((await bytesOf(found.bytes())).toString("latin1")));
  }
  assert.deepEqual(expected, messages);
  const inArchive: string[] = [];
  for await (const found of readSources([folder])) {
    if (found.kind === "variant") assert.equal(found.variant, "mboxcl2");
    else assert.ok(found.kind === "message" && inArchive.push((await bytesOf(found.bytes())).toString("latin1")));
  }
  assert.deepEqual(inArchive, messages);
});
