import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFile, corpusFolder } from "../corpus.ts";
import { assertSound, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll, toCrlf } from "../support/smtp-client.ts";

const reports = readdirSync(join(corpusFolder, "journal-ace")).map((name) => `journal-ace/${name}`);

/** The recipient that a genuine report states, read with a plain pattern and not with our reader. */
function statedRecipient(bytes: Buffer): string {
  const stated = /^Recipient: (\S+)\r?$/m.exec(bytes.toString("latin1"))?.[1];
  assert.ok(stated !== undefined);
  return stated;
}

/** The wrapped message, cut out with a plain search and not with our reader. */
function wrappedMessage(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? "";
  const part = /Content-Type: message\/rfc822\r?\n\r?\n/i.exec(text);
  assert.ok(part !== null && boundary !== "");
  const start = part.index + part[0].length;
  const end = text.indexOf(`--${boundary}`, start);
  return bytes.subarray(start, text.slice(end - 2, end) === "\r\n" ? end - 2 : end - 1);
}

async function checkUnwrapped(data: string, original: Buffer): Promise<void> {
  const inner = wrappedMessage(original);
  const [byMessage, byReport] = [
    await search(data, `sha256:${sha256(inner)}`),
    await search(data, `sha256:${sha256(original)}`),
  ];
  assert.deepEqual([byMessage.total, byReport.total], [1, 1]);
  assert.equal(byMessage.items[0]?.id, byReport.items[0]?.id, "message and report lead to the same entry");
  const id = byMessage.items[0]?.id ?? "";
  const byRecipient = await search(data, `recipient:${statedRecipient(original)}`);
  assert.ok(byRecipient.items.some((item) => item.id === id));
  assert.deepEqual((await muniment(["get", id, "--data", data])).stdout, inner);
  assert.deepEqual((await muniment(["get", id, "--data", data, "--report"])).stdout, original);
}

test("genuine reports are unwrapped one layer by import --type eej, and stay wrapped by a standard import", async (context) => {
  const folder = testFolder(context);
  for (const type of ["eej", "standard"]) {
    const data = join(folder, type);
    await munimentJson(["init", "--data", data, "--no-input"]);
    const imported = await munimentJson<{ archived: number }>([
      "import",
      join(corpusFolder, "journal-ace"),
      "--type",
      type,
      "--data",
      data,
    ]);
    assert.equal(imported.archived, 3);
    await settled(data);
    for (const name of reports) {
      const original = corpusFile(name);
      if (type === "eej") await checkUnwrapped(data, original);
      else {
        const [item] = (await search(data, `sha256:${sha256(original)}`)).items;
        assert.deepEqual((await muniment(["get", item?.id ?? "", "--data", data])).stdout, original);
        assert.equal((await search(data, `sha256:${sha256(wrappedMessage(original))}`)).total, 0);
      }
    }
    await assertSound(data);
  }
});

const bccReport = (recipients: string) =>
  Buffer.from(
    [
      "From: Ann Bright <ann@example.com>",
      "To: bob@example.com",
      "Sender: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.onmicrosoft.com>",
      "Subject: Offer 17",
      "Message-ID: <11111111-2222-3333-4444-555555555555@journal.report.generator>",
      "X-MS-Journal-Report:",
      'Content-Type: multipart/mixed; boundary="_b_"',
      "",
      "--_b_",
      "Content-Type: text/plain; charset=us-ascii",
      "",
      "Sender: ann@example.com",
      "Subject: Offer 17",
      "Message-Id: <a1@mail.example.com>",
      recipients,
      "",
      "--_b_",
      "Content-Type: message/rfc822",
      "",
      "From: Ann Bright <ann@example.com>",
      "To: bob@example.com",
      "Subject: Offer 17",
      "Message-ID: <a1@mail.example.com>",
      "",
      "The offer.",
      "",
      "--_b_--",
      "",
    ].join("\r\n"),
  );

test("reports over SMTP: a Bcc-only recipient is found by recipient: and not by header-to:, and forked reports are one message", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "eej", "eej@archive.example");
  const standard = await addConnector(data, "standard", "standard@archive.example");
  const genuine = reports.map((name) => toCrlf(corpusFile(name)));
  const own = bccReport("To: bob@example.com\r\nBcc: eve@example.com");
  const fork = bccReport("To: carl@example.com, Expanded: sales@example.com");
  await sendAll(server.smtpPort, "eej@archive.example", [...genuine, own], 1);
  await sendAll(server.smtpPort, "eej@archive.example", [fork], 1);
  await sendAll(server.smtpPort, "standard@archive.example", [own], 1);
  const status = await settled(data);
  assert.deepEqual([status.archived, status.duplicate, status.quarantined, status.held], [5, 1, 0, 0]);

  for (const original of genuine) await checkUnwrapped(data, original);
  const [item] = (await search(data, "recipient:eve@example.com")).items;
  assert.equal(item?.subject, "Offer 17");
  assert.equal(item?.receipts, 2);
  for (const query of ["header-to:eve@example.com", "to:eve@example.com"])
    assert.equal((await search(data, query)).total, 0, query);
  for (const query of [
    "recipient:carl@example.com",
    "recipient:sales@example.com",
    "bcc:eve@example.com",
    "header-to:bob@example.com",
    "role:bcc",
    "relation:expanded",
    "via:Sales@example.com",
  ])
    assert.ok(
      (await search(data, query)).items.some(({ id }) => id === item?.id),
      query,
    );
  assert.deepEqual(
    (await muniment(["get", item?.id ?? "", "--data", data, "--report", "--receipt", "1"])).stdout,
    fork,
  );

  const [wrapped] = (await search(data, `sha256:${sha256(own)} connector:${standard.id}`)).items;
  assert.equal(wrapped?.sha256, sha256(own), "on a standard connector the report is the message");
  assert.equal(await server.stop(), 0);
  await assertSound(data);
});

test("what only looks like a report is archived as the ordinary message it is, flagged", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const folder = join(corpusFolder, "journal-eml-helper");
  const name = readdirSync(folder).find((file) => file.startsWith("not_a_journal")) ?? "";
  const bytes = readFileSync(join(folder, name));
  await munimentJson(["import", join(folder, name), "--type", "eej", "--data", data]);
  const { items } = await search(data, `sha256:${sha256(bytes)}`);
  assert.deepEqual([items[0]?.state, items[0]?.flags], ["archived", ["not_journal_report"]]);
  assert.equal((await search(data, "is:not_journal_report")).total, 1);
  assert.deepEqual((await muniment(["get", items[0]?.id ?? "", "--data", data])).stdout, bytes);
  await assertSound(data);
});

const twoWays: Record<string, { lines: string[]; words: string[] }> = {
  "two boundaries": {
    lines: [
      "Content-Type: multipart/mixed; boundary=b; boundary=c",
      ...["", "--b", "", "pear", "--b--", "--c", "Content-Transfer-Encoding: base64", "", "a2l3aQ==", "--c--"],
    ],
    words: ["pear", "kiwi"],
  },
  "two encodings": {
    lines: ["Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64", "", "cGx1bQ=="],
    words: ["plum", "cGx1bQ"],
  },
  "two subjects": { lines: ["Subject: fig", "Subject: date", "", "text"], words: ["fig", "date"] },
  "junk in base64": {
    lines: ["Content-Transfer-Encoding: base64", "", "bGltZQ==", "-- ", "a footer: sloe"],
    words: ["lime", "sloe"],
  },
  "UTF-8 under another label": {
    lines: ["Content-Type: text/plain; charset=windows-1252", "", "the \u00fcgli fruit"],
    words: ["\u00fcgli", "\u00c3\u00bcgli"],
  },
};

test("mail that can be read in two ways is found by both, and as ambiguous", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const mail = join(folder, "mail");
  mkdirSync(mail);
  await munimentJson(["init", "--data", data, "--no-input"]);
  for (const [name, { lines }] of Object.entries(twoWays)) writeFileSync(join(mail, `${name}.eml`), lines.join("\r\n"));
  await munimentJson(["import", mail, "--type", "standard", "--data", data]);
  await settled(data);
  assert.equal((await search(data, "is:ambiguous defect:ambiguous")).total, Object.keys(twoWays).length);
  for (const [name, { lines, words }] of Object.entries(twoWays)) {
    const { items } = await search(data, words.join(" "));
    assert.deepEqual(
      items.map((item) => item.sha256),
      [sha256(Buffer.from(lines.join("\r\n")))],
      name,
    );
  }
  assert.equal((await search(data, "defect:base64_junk")).total, 1);
  await assertSound(data);
});
