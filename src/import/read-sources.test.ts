import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { Found, FoundMessage } from "./found.ts";
import { memberHeldBytesMax } from "./passing.ts";
import { readSources } from "./read-sources.ts";

const fromLine = "From ann@example.com Tue Jul 23 19:39:23 2002\n";

/** A folder with these files that is removed after the test. */
async function folderOf(t: TestContext, files: Record<string, string | Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-import-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What is found, in short: a message by its bytes, other things by their kind, both under their place. */
async function shortly(folder: string, paths = [folder]): Promise<string[]> {
  const lines: string[] = [];
  for await (const found of readSources(paths)) {
    const place = found.label.replace(folder, "");
    if (found.kind === "variant") lines.push(`${place} ${found.variant}`);
    else lines.push(`${place} ${found.kind === "message" ? JSON.stringify(await text(found)) : found.kind}`);
  }
  return lines;
}

async function text(found: FoundMessage): Promise<string> {
  const bytes = Buffer.concat(await all(found.bytes()));
  assert.equal(bytes.length, found.length);
  return bytes.toString("latin1");
}

async function keys(paths: string[]): Promise<string[]> {
  const found = await all(readSources(paths));
  return found.flatMap((one) => (one.kind === "message" ? [one.sourceKey] : []));
}

async function tarOf(members: [string, string | Buffer][]): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: "mails", type: "directory" });
  for (const [name, content] of members) tar.entry({ name }, content);
  tar.entry({ name: "mails/link.eml", type: "symlink", linkname: "/etc/passwd" });
  tar.finalize();
  return Buffer.concat(await all(tar as AsyncIterable<Uint8Array>));
}

test("a folder gives its mail in order of names and lists what is none", async (t) => {
  const folder = await folderOf(t, {
    "b/2.eml": "Subject: 2\n\n",
    "a.eml": "Subject: a\r\n\r\n",
    "b/1": "Subject: 1\n\n",
    "b/empty.eml": "",
    "INDEX.csv": "name,subject\n",
    README: "Mail for tests\n",
    "logo.png": "\u0089PNG",
  });
  assert.deepEqual(await shortly(folder), [
    "/INDEX.csv ignored",
    "/README ignored",
    '/a.eml "Subject: a\\r\\n\\r\\n"',
    '/b/1 "Subject: 1\\n\\n"',
    '/b/2.eml "Subject: 2\\n\\n"',
    "/b/empty.eml ignored",
    "/logo.png ignored",
  ]);
});

test("a single message is never split, and only its From line is taken off", async (t) => {
  const body = `Subject: a\n\nquoted:\n\n${fromLine}Subject: b\n\n`;
  const folder = await folderOf(t, { "a.eml": fromLine + body, "b.eml": "oddly formed" });
  assert.deepEqual(await shortly(folder), [`/a.eml ${JSON.stringify(body)}`, '/b.eml "oddly formed"']);
});

test("an mbox gives one message for each From line, whatever the file is called", async (t) => {
  const content = `${fromLine}A: 1\n\none\n\n${fromLine}B: 2\n\n>From two\n\n${fromLine}\n`;
  const folder = await folderOf(t, { Inbox: content });
  assert.deepEqual(await shortly(folder), [
    '/Inbox: message 1 "A: 1\\n\\none\\n"',
    '/Inbox: message 2 "B: 2\\n\\n>From two\\n"',
    "/Inbox: message 3 ignored",
    "/Inbox mbox",
  ]);
});

test("an mbox that grows keeps the keys of what it had", async (t) => {
  const folder = await folderOf(t, { Inbox: `${fromLine}A: 1\n\none\n` });
  const before = await keys([folder]);
  await writeFile(join(folder, "Inbox"), `\n${fromLine}B: 2\n\ntwo\n`, { flag: "a" });
  const after = await keys([folder]);
  assert.equal(after.length, 2);
  assert.deepEqual(after.slice(0, 1), before);
});

test("a Maildir message keeps its key when it is read or flagged", async (t) => {
  const folder = await folderOf(t, {
    "box/new/1.host": "Subject: 1\n\n",
    "box/cur/2.host:2,": "odd, but a Maildir delivers nothing else\n",
    "box/tmp/3.host": "Subject: 3\n\n",
    "box/dovecot.index": "\u0000",
    "box/.Sent/cur/1.host:2,S": `${fromLine}Subject: 4\n\n${fromLine}`,
    "box/.Sent/new/x": "",
  });
  assert.deepEqual(await shortly(folder), [
    `/box/.Sent/cur/1.host:2,S ${JSON.stringify(`Subject: 4\n\n${fromLine}`)}`,
    "/box/.Sent/new/x ignored",
    '/box/cur/2.host:2, "odd, but a Maildir delivers nothing else\\n"',
    "/box/dovecot.index ignored",
    '/box/new/1.host "Subject: 1\\n\\n"',
    "/box/tmp ignored",
  ]);
  const before = await keys([folder]);
  await rename(join(folder, "box/new/1.host"), join(folder, "box/cur/1.host:2,RS"));
  await rename(join(folder, "box/cur/2.host:2,"), join(folder, "box/cur/2.host:2,F"));
  const after = await keys([folder]);
  assert.deepEqual(after.toSorted(), before.toSorted());
  assert.equal(new Set(after).size, 3);
  assert.deepEqual(await keys([join(folder, "box/cur/1.host:2,RS")]), [before[2]]);
});

test("a Maildir message that its server keeps compressed is what it holds, under the key of its name", async (t) => {
  const plain = { "box/new/.keep": "", "box/cur/1.host:2,": "Subject: 1\n\n" };
  const folder = await folderOf(t, plain);
  const before = await keys([folder]);
  await writeFile(join(folder, "box/cur/1.host:2,"), gzipSync("Subject: 1\n\n"));
  assert.deepEqual(await shortly(folder), ['/box/cur/1.host:2, "Subject: 1\\n\\n"', "/box/new/.keep ignored"]);
  assert.deepEqual(await keys([folder]), before);
  const folders = (await all(readSources([folder]))).flatMap((one) => (one.kind === "message" ? [one.folder] : []));
  assert.deepEqual(folders, [join(folder, "box")]);
});

test("links below a path are not followed, the path itself may be one", async (t) => {
  const folder = await folderOf(t, { "mail/a.eml": "A: 1\n\n" });
  await symlink("..", join(folder, "mail/loop"));
  await symlink("a.eml", join(folder, "mail/b.eml"));
  await symlink("mail", join(folder, "way"));
  const expected = ['/mail/a.eml "A: 1\\n\\n"', "/mail/b.eml ignored", "/mail/loop ignored"];
  assert.deepEqual(await shortly(folder, [join(folder, "way")]), expected);
  assert.deepEqual(await keys([join(folder, "way")]), await keys([join(folder, "mail")]));
});

test("a path that does not exist is unreadable and stops nothing", async (t) => {
  const folder = await folderOf(t, { "a.eml": "A: 1\n\n" });
  const found = await all(readSources([join(folder, "none"), folder]));
  assert.deepEqual(
    found.map((one) => one.kind),
    ["unreadable", "message"],
  );
});

test("a name that is not UTF-8 is read all the same", { skip: process.platform === "darwin" }, async (t) => {
  const folder = await folderOf(t, {});
  await writeFile(Buffer.concat([Buffer.from(folder + "/"), Buffer.from([0xfc]), Buffer.from(".eml")]), "A: 1\n\n");
  assert.deepEqual(await shortly(folder), ['/\u{fffd}.eml "A: 1\\n\\n"']);
});

test("a tar gives one message a member, gzipped or not", async (t) => {
  const body = `Subject: 1\n\ntext\n\n${fromLine}Subject: 2\n\n`;
  const tar = await tarOf([
    ["mails/1.eml", fromLine + body],
    ["mails/INDEX.csv", "a,b\n"],
    ["mails/2", "Subject: 2\n\n"],
    ["mails/empty.eml", ""],
  ]);
  for (const [name, bytes] of Object.entries({ "/a.tar": tar, "/a.tgz": gzipSync(tar), "/a.tar.gz": gzipSync(tar) })) {
    const folder = await folderOf(t, { [name]: bytes });
    assert.deepEqual(await shortly(folder), [
      `${name}: mails/1.eml ${JSON.stringify(body)}`,
      `${name}: mails/INDEX.csv ignored`,
      `${name}: mails/2 "Subject: 2\\n\\n"`,
      `${name}: mails/empty.eml ignored`,
    ]);
  }
});

test("members of one name are told apart by their place", async (t) => {
  const folder = await folderOf(t, {
    "a.tar": await tarOf([
      ["1.eml", "A: 1\n\n"],
      ["1.eml", "A: 2\n\n"],
    ]),
  });
  assert.equal(new Set(await keys([folder])).size, 2);
});

test("a member up to the held size can be read twice, a larger one passes by once", async (t) => {
  const small = Buffer.alloc(memberHeldBytesMax, "Subject: a\n");
  const large = Buffer.concat([Buffer.from(fromLine), Buffer.alloc(memberHeldBytesMax * 3, "Subject: b\n")]);
  const tar = await tarOf([
    ["1.eml", small],
    ["2.eml", large],
    ["3.eml", large],
    ["4.bin", Buffer.alloc(memberHeldBytesMax * 2)],
    ["5.eml", "Subject: c\n\n"],
  ]);
  const folder = await folderOf(t, { "a.tgz": gzipSync(tar) });
  const seen: [string, boolean][] = [];
  for await (const found of readSources([folder])) {
    if (found.kind !== "message") continue;
    const label = found.label.slice(-5);
    seen.push([label, found.isRepeatable]);
    if (label === "1.eml") assert.equal(await text(found), await text(found));
    if (label === "2.eml") assert.equal(await text(found), large.toString("latin1", fromLine.length));
    if (label === "3.eml") for await (const _ of found.bytes()) break;
  }
  assert.deepEqual(seen, [
    ["1.eml", true],
    ["2.eml", false],
    ["3.eml", false],
    ["5.eml", true],
  ]);
});

test("a large member that nobody reads does not stop the tar", async (t) => {
  const tar = await tarOf([
    ["1.eml", Buffer.alloc(memberHeldBytesMax * 2, "Subject: b\n")],
    ["2.eml", "Subject: c\n\n"],
  ]);
  assert.equal((await keys([await folderOf(t, { "a.tar": tar })])).length, 2);
});

test("a damaged container gives the members before the damage and one unreadable thing", async (t) => {
  const noise = createHash("sha512").update("noise").digest("hex").repeat(3000);
  const members: [string, string][] = [1, 2, 3, 4].map((n) => [`${n}.eml`, `N: ${n}\n\n${n}${noise}`]);
  const tar = await tarOf(members);
  const gzip = gzipSync(tar, { level: 0 });
  const cut = Math.floor(gzip.length * 0.6);
  const flipped = Buffer.from(gzip);
  flipped[cut] = flipped[cut]! ^ 0xff;
  const damaged: Record<string, [Buffer, number]> = {
    "cut.tgz": [gzip.subarray(0, cut), 2],
    "cut.tar": [tar.subarray(0, cut), 2],
    // zlib gives out nothing of the stretch in which it finds the fault, so the last member is lost with it.
    "checksum.tgz": [flipped, 3],
    "noise.tar.gz": [Buffer.from("no gzip at all".repeat(100)), 0],
    "noise.tar": [Buffer.alloc(4096, "x"), 0],
  };
  for (const [name, [bytes, messages]] of Object.entries(damaged)) {
    const found = await all(readSources([await folderOf(t, { [name]: bytes })]));
    const kinds = found.map((one) => one.kind);
    assert.deepEqual(kinds, [...Array<Found["kind"]>(messages).fill("message"), "unreadable"], name);
  }
});

test("a file that shrinks while it is read fails that message only", async (t) => {
  const folder = await folderOf(t, { "a.eml": "A: 1\n\nlong enough", "b.eml": "B: 2\n\n" });
  const [first, second] = await all(readSources([folder]));
  await truncate(join(folder, "a.eml"), 5);
  assert.ok(first?.kind === "message" && second?.kind === "message");
  await assert.rejects(all(first.bytes()), { code: "IMPORT-UNREADABLE" });
  assert.equal(await text(second), "B: 2\n\n");
});

/** Members of the corpus volume by the start of their digest, from its own index. */
async function indexOf(folder: string): Promise<Map<string, number>> {
  const [head, ...rows] = (await readFile(join(folder, "INDEX.csv"), "latin1")).trim().split("\n");
  const column = head!.split(",").indexOf("sha256_16");
  const counts = new Map<string, number>();
  for (const row of rows) {
    const digest = row.split(",")[column]!;
    counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return counts;
}

for (const [volume, total] of [
  ["volume-spamassassin", 6046],
  ["volume-linux-integrity", 1254],
] as const) {
  test(`every message of ${volume} is found, byte for byte`, async () => {
    const corpus = process.env.MUNIMENT_CORPUS ?? join(import.meta.dirname, "../../../shared/corpus");
    const index = await indexOf(join(corpus, volume));
    let messages = 0;
    const others: string[] = [];
    for await (const found of readSources([join(corpus, volume)])) {
      if (found.kind !== "message") {
        others.push(`${found.kind} ${found.label.slice(-9)}`);
        continue;
      }
      messages += 1;
      const bytes = Buffer.concat(await all(found.bytes()));
      const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
      const count = index.get(digest);
      if (count !== undefined) index.set(digest, count - 1);
      assert.ok(bytes.subarray(0, 5).toString() !== "From ", found.label);
    }
    assert.equal(messages, total);
    assert.deepEqual(others, ["ignored INDEX.csv"]);
    const missed = [...index.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(missed, volume === "volume-spamassassin" ? 5453 : 0, "members whose bytes differ from the index");
  });
}
