import assert from "node:assert/strict";
import { test } from "node:test";
import type { MboxVariant, Unquoting } from "./found.ts";
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

/** Splits as {@link check} does and tells the variant, with the messages as they are archived. */
async function read(text: string, unquoting: Unquoting = null): Promise<[MboxVariant, ...string[]]> {
  const bytes = Buffer.from(text, "latin1");
  const results: [MboxVariant, ...string[]][] = [];
  for (const pieceBytes of [1, 7, 4096]) {
    const splitter = split(bytes, pieceBytes, mboxOpening(bytes) ?? dated, unquoting);
    const messages: string[] = [];
    for await (const { start, end, quotes } of splitter.members()) {
      const left = new Set(quotes);
      const kept = [...bytes.subarray(start, end)].filter((_, at) => !left.has(start + at));
      messages.push(Buffer.from(kept).toString("latin1"));
    }
    results.push([splitter.variant(), ...messages]);
  }
  for (const result of results) assert.deepEqual(result, results[0], JSON.stringify(text));
  return results[0]!;
}

test("a Content-Length that leads to a separator or the end is believed, whatever the body looks like", async () => {
  const from = `From b ${date}\n`;
  const body = `see\n\n${from}B: 2\n\n`;
  const header = `A: 1\nContent-Length: ${body.length}\n\n`;
  for (const between of ["", "\n"]) {
    const text = `From a ${date}\n${header}${body}${between}From c ${date}\nC: 3\n\n`;
    assert.deepEqual(await read(text), ["mboxcl2", header + body, "C: 3\n"]);
    assert.deepEqual(await read(`From a ${date}\n${header}${body}${between}`), ["mboxcl2", header + body]);
  }
  const plain = "A: 1\ncontent-length:  4 \n\none\n";
  assert.deepEqual(await read(`From a ${date}\n${plain}\nFrom c ${date}\nC: 3\n\n`), ["mboxcl", plain, "C: 3\n"]);
});

test("a body that Content-Length ends without a line end, or with empty lines, is exactly as long as it says", async () => {
  const unended = "A: 1\nContent-Length: 3\n\none";
  assert.deepEqual(await read(`From a ${date}\n${unended}\nFrom c ${date}\nC: 3\n\n`), ["mboxcl", unended, "C: 3\n"]);
  const empties = "A: 1\nContent-Length: 6\n\none\n\n\n";
  assert.deepEqual(await read(`From a ${date}\n${empties}\nFrom c ${date}\nC: 3\n`), ["mboxcl", empties, "C: 3\n"]);
  const none = "A: 1\nContent-Length: 0\n\n";
  assert.deepEqual(await read(`From a ${date}\n${none}\nFrom c ${date}\nC: 3\n`), ["mboxcl", none, "C: 3\n"]);
});

test("a Content-Length that leads elsewhere is as if it were not there", async () => {
  for (const length of ["3", "6", "400", "99999999999", "-1", "x"]) {
    const message = `A: 1\nContent-Length: ${length}\n\none\n`;
    const text = `From a ${date}\n${message}\nFrom c ${date}\nC: 3\n\n`;
    assert.deepEqual(await read(text), ["mbox", message, "C: 3\n"], length);
  }
  const inBody = "A: 1\n\nContent-Length: 1\n\none\n";
  assert.deepEqual(await read(`From a ${date}\n${inBody}\nFrom c ${date}\nC: 3\n\n`), ["mbox", inBody, "C: 3\n"]);
});

test("a Content-Length that counts the mailbox's empty line in is believed too: the file says so", async () => {
  const message = "A: 1\nContent-Length: 5\n\none\n\n";
  assert.deepEqual(await read(`From a ${date}\n${message}From c ${date}\nC: 3\n\n`), ["mboxcl", message, "C: 3\n"]);
});

test("CRLF files with Content-Length are split where it leads", async () => {
  const body = `see\r\n\r\nFrom b ${date}\r\nB: 2\r\n`;
  const message = `A: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const text = `From a ${date}\r\n${message}\r\nFrom c ${date}\r\nC: 3\r\n`;
  assert.deepEqual(await read(text), ["mboxcl2", message, "C: 3\r\n"]);
});

test("quoting is taken off as the named variant puts it on, and only where it can be put on again", async () => {
  const quoted = "A: 1\n\n>From x\n>>From y\n> From z\n>From\n";
  const text = `From a ${date}\n${quoted}\nFrom c ${date}\nC: 3\n\nFrom w\n>From v\n`;
  const raw = "C: 3\n\nFrom w\n>From v\n";
  assert.deepEqual(await read(text), ["mbox", quoted, raw]);
  const once = "A: 1\n\nFrom x\n>>From y\n> From z\n>From\n";
  assert.deepEqual(await read(text, "mboxo"), ["mboxo", once, raw]);
  const each = "A: 1\n\nFrom x\n>From y\n> From z\n>From\n";
  assert.deepEqual(await read(text, "mboxrd"), ["mboxrd", each, raw]);
});

test("what was unquoted can be quoted again, octet for octet", async () => {
  const bodies = [">From a\n>>>From b\n", ">>From c\n>From d\n"];
  for (const [variant, requote] of [
    ["mboxo", /^(?=From )/gm],
    ["mboxrd", /^(?=>*From )/gm],
  ] as const) {
    for (const body of bodies) {
      const [, message] = await read(`From a ${date}\nA: 1\n\n${body}`, variant);
      assert.equal(message!.replace(requote, ">"), `A: 1\n\n${body}`, variant);
    }
  }
});
