import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type CorpusFile, corpusFiles } from "../../test/corpus.ts";
import { readMessage } from "../mail/index.ts";
import { unfoldRtf } from "../tnef/lzfu.ts";
import { renderOutlook } from "./index.ts";
import type { OutlookItem } from "./item.ts";
import { readMsg } from "./read-msg.ts";
import { renderItem } from "./render.ts";

/** What another reader found in a file, by its own names; of calendars and contacts only what mail has too. */
interface Expected {
  subject?: string;
  body?: string;
  headers?: string;
  messageId?: string;
  senderName?: string;
  senderEmail?: string;
  clientSubmitTime?: string;
  messageDeliveryTime?: string;
  recipients: { name?: string; email?: string; smtpAddress?: string; recipType?: string }[];
  attachments: {
    name?: string;
    fileName?: string;
    contentLength?: number;
    pidContentId?: string;
    attachMimeTag?: string;
    innerMsgContentFields?: Expected;
  }[];
}

/**
 * Where we read something else than the expectation that lies beside a file, and why. An entry that no longer disagrees
 * fails, and so does a disagreement without an entry.
 */
const disagreements: Readonly<Record<string, string>> = {
  "contactAnsi.json: subject":
    "Japanese in code page 932, as its locale says; the expectation was read as if it were Latin-1",
  "longerDifat-attachments0.json: no .msg": "the file it belongs to, of more than 8 MiB, is not in the corpus",
};

const files = new Map<string, CorpusFile>();
for (const file of corpusFiles("outlook-msgreader", "outlook-tika")) files.set(file.name, file);
const msgFiles = [...files.values()].filter(({ name }) => name.endsWith(".msg"));

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const bare = (text: string): string => text.replace(/[\s\u00a0]+/g, " ").trim();

function itemAt(item: OutlookItem, path: readonly number[]): OutlookItem {
  const [first, ...rest] = path;
  if (first === undefined) return item;
  const inner = item.attachments[first]?.item;
  assert.ok(inner, `nothing is attached at ${path}`);
  return itemAt(inner, rest);
}

/** An item that is attached, as a rendering of its own. */
function readingOf(item: OutlookItem, seed: string) {
  return readMessage(renderItem(item, seed).bytes);
}

/** What differs between an item and what is expected of it, each as `file: field`. */
function differences(label: string, item: OutlookItem, seed: string, expected: Expected): string[] {
  const found: string[] = [];
  const { headers, text, parts } = readingOf(item, seed);
  const check = (field: string, isRight: boolean) => {
    if (!isRight) found.push(`${label}: ${field}`);
  };
  check("subject", headers.subject === bare(expected.subject ?? ""));
  check("body", bare(text).includes(bare(expected.body ?? "")));
  if (expected.messageId !== undefined) check("messageId", headers.messageId === expected.messageId.trim());
  const people = [...headers.from, ...headers.to, ...headers.cc, ...headers.bcc];
  // Exchange's own addresses stand in quotation marks in a mail.
  const knows = (value: string) =>
    people.some(({ name, address }) => [name, address, address.replace(/^"|"$/g, "")].includes(value));
  if (expected.senderEmail !== undefined) check("senderEmail", knows(expected.senderEmail));
  if (expected.senderName !== undefined) check("senderName", knows(expected.senderName));
  for (const [index, { name, email, smtpAddress, recipType }] of expected.recipients.entries()) {
    const of = { to: headers.to, cc: headers.cc, bcc: headers.bcc }[recipType ?? "to"] ?? [];
    const isThere = of.some((one) => one.address === (smtpAddress ?? email ?? "") || one.name === name);
    check(`recipients[${index}]`, isThere);
  }
  const time = expected.clientSubmitTime ?? expected.messageDeliveryTime;
  if (time !== undefined) check("time", headers.date === Date.parse(time));
  check("attachments", item.attachments.length === expected.attachments.length);
  for (const [index, attachment] of expected.attachments.entries()) {
    const { fileName, contentLength, innerMsgContentFields } = attachment;
    const place = `${label}/${index}`;
    const inner = item.attachments[index]?.item ?? null;
    if (innerMsgContentFields !== undefined) {
      if (inner === null) check(`attachments[${index}]`, false);
      else found.push(...differences(place, inner, seed, innerMsgContentFields));
      continue;
    }
    if (fileName !== undefined)
      check(
        `attachments[${index}].name`,
        parts.some((one) => one.filename === fileName),
      );
    const data = item.attachments[index]?.properties.find(({ id }) => id === 0x3701);
    if (contentLength !== undefined) check(`attachments[${index}].bytes`, data?.value.length === contentLength);
  }
  return found;
}

test("the fields that lie beside the .msg files of the corpus are what we read, but for what is explained", () => {
  const found: string[] = [];
  let compared = 0;
  for (const { name, bytes } of files.values()) {
    if (!name.endsWith(".json")) continue;
    const [, base, path = ""] = /^(.*?)((?:-attachments\d+)*)\.json$/.exec(name)!;
    const msg = files.get(`${base}.msg`);
    if (msg === undefined) {
      found.push(`${name.slice(name.indexOf("/") + 1)}: no .msg`);
      continue;
    }
    const steps = [...path.matchAll(/-attachments(\d+)/g)].map((step) => Number(step[1]));
    const item = itemAt(readMsg(msg.bytes).item, steps);
    const label = name.slice(name.indexOf("/") + 1);
    found.push(...differences(label, item, digestOf(msg.bytes), JSON.parse(bytes.toString("utf8")) as Expected));
    compared += 1;
  }
  assert.ok(compared > 30, `${compared} compared`);
  assert.deepEqual(found.sort(), Object.keys(disagreements).sort());
});

test("the RTF that lies beside the .msg files is what we unfold, octet for octet", () => {
  let compared = 0;
  for (const { name, bytes } of files.values()) {
    if (!name.endsWith(".rtf")) continue;
    const msg = files.get(name.replace(/\.rtf$/, ".msg"));
    assert.ok(msg !== undefined, name);
    const compressed = readMsg(msg.bytes).item.properties.find(({ id }) => id === 0x1009);
    const unfolded = unfoldRtf(compressed!.value);
    assert.ok(unfolded?.isWhole, name);
    assert.ok(unfolded.rtf.equals(bytes), name);
    compared += 1;
  }
  assert.equal(compared, 13);
});

test("every .msg of the corpus is read without damage, and its mail without a defect", () => {
  const defects: Record<string, string[]> = {};
  for (const { name, bytes } of msgFiles) {
    const rendering = renderOutlook(bytes, digestOf(bytes))!;
    const reading = readMessage(rendering.bytes);
    const all = [...rendering.defects, ...reading.defects.map(({ code }) => code)];
    if (all.length > 0) defects[name] = all;
    assert.ok(reading.headers.subject !== "" || name.endsWith("test2.msg"), name);
    assert.deepEqual(renderOutlook(bytes, digestOf(bytes)), rendering, "the same each time");
  }
  assert.equal(msgFiles.length, 51);
  assert.deepEqual(defects, {});
});

test("people, files and items in items are read as deep as they go", () => {
  const of = (name: string) => {
    const { bytes } = files.get(`outlook-msgreader/${name}`)!;
    return readMessage(renderOutlook(bytes, digestOf(bytes))!.bytes);
  };
  assert.equal(of("200 recipients.msg").headers.to.length, 200);
  const subject = of("Subject.msg").headers;
  assert.deepEqual([subject.to.length, subject.cc.length, subject.bcc.length], [1, 1, 1]);
  const deep = of("msgInMsgInMsg.msg").parts;
  const named = deep.flatMap(({ filename }) => filename ?? []);
  assert.ok(named.includes("green.png") && named.includes("Microsoft Outlook テスト メッセージ"), named.join());
  const order = of("attachmentsOrder.msg").parts.flatMap(({ filename }) => filename ?? []);
  assert.deepEqual(order, ["A.docx", "B.docx", "C.docx", "D.docx"]);
});
