import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFile, corpusFolder } from "../corpus.ts";
import { assertSound, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { zipOf } from "../support/zip.ts";

interface Shown {
  sha256: string;
  text: string;
  tnef: { path: string; headers: { subject: string }; parts: { filename: string | null }[]; text: string }[];
}

/** A mail whose one part is this winmail.dat. */
function wrapped(subject: string, tnef: Buffer): string {
  const lines = [
    "From: ann@example.com",
    `Subject: ${subject}`,
    "MIME-Version: 1.0",
    'Content-Type: application/ms-tnef; name="winmail.dat"',
    "Content-Transfer-Encoding: base64",
    "",
    tnef.toString("base64").replace(/.{76}/g, "$&\r\n"),
    "",
  ];
  return lines.join("\r\n");
}

test("what Outlook wrapped in winmail.dat is found by its text, its people and its files' names, and shown", async (context) => {
  const folder = testFolder(context);
  const mail = join(folder, "mail");
  mkdirSync(mail);
  const named: [string, Buffer][] = [
    ["umlaut", corpusFile("outlook-tnefparse/umlaut.tnef")],
    ["rights", corpusFile("outlook-tnefparse/body.tnef")],
    ["cut", corpusFile("outlook-tnefparse/long-filename.tnef").subarray(0, 7_000)],
  ];
  for (const [name, tnef] of named) writeFileSync(join(mail, `${name}.eml`), wrapped(name, tnef));
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    await munimentJson(["import", mail, "--data", data]);
    await settled(data);
    const subjects = async (query: string) => (await search(data, query)).items.map(({ subject }) => subject);
    assert.deepEqual(await subjects("filename:UmlautAnhang-äüö.txt"), ["umlaut"]);
    assert.deepEqual(await subjects('"Amendments 1-10 of the Constitution"'), ["rights"]);
    assert.deepEqual(await subjects("3kuser2@brexchange.dolphinsearch.com"), ["rights"]);
    assert.deepEqual(await subjects("QARun"), ["cut"]);
    const [found] = (await search(data, "filename:UmlautAnhang-äüö.txt")).items;
    const shown = await munimentJson<Shown>(["show", found!.id, "--data", data]);
    assert.equal(shown.tnef[0]?.text.trim(), "TEST äöü +-*/~");
    const parsed = await munimentJson<Shown>(["parse", join(mail, "umlaut.eml")]);
    assert.deepEqual([parsed.sha256, parsed.tnef], [shown.sha256, shown.tnef]);
  } finally {
    await server.stop();
  }
});

test("a .msg is archived octet for octet, from a folder or a ZIP, and found, shown and exported as what it is", async (context) => {
  const folder = testFolder(context);
  const mail = join(folder, "mail");
  mkdirSync(mail);
  const nested = corpusFile("outlook-msgreader/msgInMsgInMsg.msg");
  const japanese = corpusFile("outlook-msgreader/nonUnicodeCP932.msg");
  const damaged = corpusFile("outlook-msgreader/Subject.msg").subarray(0, 9_000);
  writeFileSync(join(mail, "nested.msg"), nested);
  writeFileSync(
    join(mail, "more.zip"),
    zipOf([
      { name: "box/ja.msg", content: japanese },
      { name: "cut.msg", content: damaged },
    ]),
  );
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    const counts = await munimentJson<{ archived: number; unreadable: number }>(["import", mail, "--data", data]);
    assert.deepEqual([counts.archived, counts.unreadable], [3, 0]);
    const again = await munimentJson<{ archived: number; known: number }>(["import", mail, "--data", data]);
    assert.deepEqual([again.archived, again.known], [0, 3]);
    await settled(data);
    const subjects = async (query: string) => (await search(data, query)).items.map(({ subject }) => subject);
    assert.deepEqual(await subjects("filename:green.png"), ["I have sub attachments!"]);
    assert.deepEqual(await subjects("本文"), ["日本語 Non Unicode タイトル"]);
    assert.deepEqual(await subjects("to:xmailuser2@xmailserver.test"), ["日本語 Non Unicode タイトル"]);
    const [found] = (await search(data, "subject:sub")).items;
    const shown = await munimentJson<Shown & { form: string; bytes: number }>(["show", found!.id, "--data", data]);
    assert.deepEqual([shown.form, shown.sha256, shown.bytes], ["msg", sha256(nested), nested.length]);
    const parsed = await munimentJson<Shown>(["parse", join(mail, "nested.msg")]);
    assert.deepEqual({ ...shown, receipts: [] }, { ...parsed, receipts: [] });
    const out = join(folder, "out");
    await munimentJson(["export", "*", "--out", out, "--data", data]);
    assert.deepEqual(readFileSync(join(out, `${found!.id}.msg`)), nested);
  } finally {
    await server.stop();
  }
  await assertSound(data);
});

test("a PST file is archived item by item, with folder and owner, and found, shown and exported", async (context) => {
  const folder = testFolder(context);
  const pst = join(corpusFolder, "outlook-tika/testPST.pst");
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    interface Imported {
      archived: number;
      known: number;
      sources: { source: string; archived: number }[];
    }
    const counts = await munimentJson<Imported>(["import", pst, "--data", data]);
    assert.deepEqual(
      counts.sources.map(({ source, archived }) => [source, archived]),
      [[pst, 7]],
    );
    const again = await munimentJson<Imported>(["import", pst, "--data", data]);
    assert.deepEqual([again.archived, again.known], [0, 7]);
    await settled(data);
    const found = (await search(data, "PreviousMapFeatureGenerator from:kottmann@gmail.com")).items;
    assert.deepEqual(
      found.map(({ subject }) => subject),
      ["Re: Feature Generators"],
    );
    const shown = await munimentJson<Shown & { form: string; threadId: string; receipts: { origin: unknown }[] }>([
      ...["show", found[0]!.id, "--data", data],
    ]);
    assert.equal(shown.form, "pst-item");
    assert.deepEqual(shown.receipts[0]?.origin, {
      ...{ source: pst, folder: "Début du fichier de données Outlook", owner: "hong-thai.nguyen" },
    });
    const out = join(folder, "out");
    await munimentJson(["export", "*", "--out", out, "--data", data]);
    const original = join(out, `${found[0]!.id}.pstitem`);
    assert.equal(sha256(readFileSync(original)), shown.sha256);
    const parsed = await munimentJson<Shown & { threadId: string }>(["parse", original]);
    assert.deepEqual([parsed.text, parsed.threadId], [shown.text, shown.threadId]);
  } finally {
    await server.stop();
  }
  await assertSound(data);
});
