import assert from "node:assert/strict";
import { test } from "node:test";
import type { Unquoting } from "./found.ts";
import { type MboxOpening, MboxSplitter, mboxOpening } from "./mbox.ts";

const date = "Tue Jul 23 19:39:23 2002";

/** Splits `text` in pieces of every given size and expects the same messages each time. */
async function check(text: string, expected: string[] | null): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  const opening = mboxOpening(bytes);
  if (opening === null || expected === null) {
    assert.deepEqual({ opening, text }, { opening: expected, text });
    return;
  }
  for (const pieceBytes of [1, 2, 7, 4096]) {
    const messages: string[] = [];
    for await (const { start, end } of split(bytes, pieceBytes, opening).members()) {
      messages.push(bytes.toString("latin1", start, end));
    }
    assert.deepEqual(messages, expected, `in pieces of ${pieceBytes}: ${JSON.stringify(text)}`);
  }
}

const dated: MboxOpening = { kind: "dated", lineEnd: 0x0a };

function split(bytes: Buffer, size: number, opening: MboxOpening, unquoting: Unquoting = null): MboxSplitter {
  const peek = async (at: number, length: number) => bytes.subarray(at, at + length);
  return new MboxSplitter({ bytes: pieces(bytes, size), peek }, opening, unquoting);
}

async function* pieces(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("messages are what lies between From lines, without the empty line that ends each", async () => {
  await check(`From a ${date}\nA: 1\n\none\n\nFrom b ${date}\nB: 2\n\ntwo\n\n`, ["A: 1\n\none\n", "B: 2\n\ntwo\n"]);
});

test("only one empty line belongs to the mailbox", async () => {
  await check(`From a ${date}\nA: 1\n\none\n\n\n\nFrom b ${date}\nB: 2\n\n\n`, ["A: 1\n\none\n\n\n", "B: 2\n\n"]);
});

test("a last message without a line end keeps every octet", async () => {
  await check(`From a ${date}\nA: 1\n\none`, ["A: 1\n\none"]);
  await check(`From a ${date}\nA: 1\n\none\n`, ["A: 1\n\none\n"]);
});

test("CRLF and lone CR files are split like LF files", async () => {
  const text = `From a ${date}\nA: 1\n\none\n\nFrom b ${date}\nB: 2\n\ntwo\n\n`;
  const expected = ["A: 1\n\none\n", "B: 2\n\ntwo\n"];
  for (const end of ["\r\n", "\r"]) {
    await check(
      text.replaceAll("\n", end),
      expected.map((message) => message.replaceAll("\n", end)),
    );
  }
});

test("a From line inside a paragraph, without a date, quoted or of a patch stays in the body", async () => {
  const bodies = [
    `see\nFrom b ${date}\n`,
    "see\n\nFrom the error code it looks similar\n",
    `see\n\n>From b ${date}\n`,
    `see\n\n>>From b ${date}\n`,
    "see\n\nFrom \nSubject: x\n",
    `see\n\nFrom ${"0a".repeat(20)} Mon Sep 17 00:00:00 2001\nFrom: b\n`,
  ];
  for (const body of bodies) {
    await check(`From a ${date}\nA: 1\n\n${body}\nFrom c ${date}\nC: 3\n\n`, [`A: 1\n\n${body}`, "C: 3\n"]);
  }
});

test("a file of patches is split at its patch lines", async () => {
  const line = `From ${"0a".repeat(20)} Mon Sep 17 00:00:00 2001`;
  await check(`${line}\nA: 1\n\none\n\n${line}\nB: 2\n\ntwo\n`, ["A: 1\n\none\n", "B: 2\n\ntwo\n"]);
});

test("a file that opens with a bare From line is split at bare ones before a header field", async () => {
  await check("From \nA: 1\n\none\n\nFrom \nB: 2\n\ntwo\n", ["A: 1\n\none\n", "B: 2\n\ntwo\n"]);
  await check("From \nA: 1\n\none\n\nFrom \nhere it is text\n\n", ["A: 1\n\none\n\nFrom \nhere it is text\n"]);
  await check("From \nA: 1\n\none\n\nFrom \n", ["A: 1\n\none\n\nFrom \n"]);
});

test("a message may lack a header, or everything", async () => {
  await check(`From a ${date}\n\none\n\nFrom b ${date}\n\ntwo`, ["\none\n", "\ntwo"]);
  await check(`From a ${date}\n\nFrom b ${date}\nB: 2\n\n`, ["", "B: 2\n"]);
  await check(`From a ${date}\n`, [""]);
});

test("a file that does not open with a From line is no mbox", async () => {
  await check(`\nFrom a ${date}\nA: 1\n\n`, null);
  await check("From: a\n\n", null);
  await check("From here on it is text\n", null);
  await check("", null);
});

test("a line of many megabytes is passed without being held", async () => {
  const line = Buffer.alloc(1024 * 1024, "x");
  async function* long() {
    yield Buffer.from(`From a ${date}\nA: `);
    for (let i = 0; i < 64; i += 1) yield line;
    yield Buffer.from(`\n\nFrom b ${date}\nB: 2\n`);
  }
  const lengths: number[] = [];
  for await (const { start, end } of new MboxSplitter(
    { bytes: long(), peek: async () => Buffer.alloc(0) },
    dated,
  ).members())
    lengths.push(end - start);
  assert.deepEqual(lengths, [3 + 64 * line.length + 1, 5]);
});
