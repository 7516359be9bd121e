import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePart, decodeText, type MailReading, readMessage } from "./index.ts";
import { depthMax, partsMax, textCharsMax, viewCharsMax } from "./limits.ts";

/** What holds of every reading, whatever the bytes. */
function checkReading(bytes: Buffer): MailReading {
  const before = Buffer.from(bytes);
  const reading = readMessage(bytes);
  assert.deepEqual(bytes, before, "the bytes are left alone");
  assert.deepEqual(structuredClone(reading), reading, "it is plain data");
  assert.ok(reading.parts.length >= 1 && reading.parts.length <= partsMax);
  assert.ok(reading.text.length <= textCharsMax);
  assert.ok((reading.html?.length ?? 0) <= viewCharsMax && (reading.plain?.length ?? 0) <= viewCharsMax);
  for (const field of reading.fields) assert.ok(isWithin(field.value, bytes));
  for (const defect of reading.defects) assert.ok(defect.at >= 0 && defect.at <= bytes.length);
  assert.equal(new Set(reading.parts.map(({ path }) => path)).size, reading.parts.length, "paths are unique");
  let start = 0;
  for (const part of reading.parts) {
    assert.ok(isWithin(part.header, bytes) && isWithin(part.body, bytes));
    assert.ok(part.header.start >= start && part.body.start >= part.header.end, "parts stand in order");
    assert.ok(part.depth <= depthMax);
    start = part.header.start;
    decodePart(bytes, part);
    decodeText(bytes, part);
  }
  return reading;
}

function isWithin({ start, end }: { start: number; end: number }, bytes: Buffer): boolean {
  return start >= 0 && start <= end && end <= bytes.length;
}

test("any bytes can be read", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void checkReading(Buffer.from(bytes))));
});

/** Pieces that mail is made of; put together at random they are nearly mail. */
const pieces = [
  "From ",
  "From: a <b@c>",
  "Subject: ",
  "Content-Type: ",
  "multipart/mixed; boundary=b",
  'multipart/alternative; boundary="c"',
  "message/rfc822",
  "text/html; charset=utf-8",
  'text/plain; charset=koi8-r; name="a.txt"',
  "Content-Transfer-Encoding: ",
  "base64",
  "quoted-printable",
  "x-uuencode",
  "begin 644 a",
  "#86)C",
  "end",
  "=ybegin line=128 size=3 name=a",
  "=yend size=3",
  '\x1b$B$"\x1b(B',
  "Subject: =?euc-kr?B?uOG30A==?=",
  "text/plain; charset=windows-1251",
  "multipart/digest; boundary=c",
  "message/partial; number=1",
  "Content-Disposition: attachment; filename*0*=utf-8''%c3",
  "=?utf-8?Q?=C3=A4?=",
  "--b",
  "--b--",
  "--c",
  "--c--",
  "\r\n",
  "\r\n\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  "=",
  '"',
  "(",
  "a2l3aQ==",
  "=41=",
  "<p>x&amp;</p>",
  "é",
  "\u{1f600}",
];

test("anything put together of the pieces of mail can be read", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 60 }),
      (list) => void checkReading(Buffer.from(list.join(""))),
    ),
    { numRuns: 500 },
  );
});

test("a message reads the same wherever it lies in memory, and read again", () => {
  const message = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((list) => Buffer.from(list.join("")));
  fc.assert(
    fc.property(message, fc.array(fc.constantFrom(...pieces), { maxLength: 3 }), (bytes, around) => {
      const junk = Buffer.from(around.join(""));
      const within = Buffer.concat([junk, bytes, junk]);
      const reading = readMessage(bytes);
      // What stands before and behind it in the same memory, as after cutting a message out of a report, is not its business.
      assert.deepEqual(readMessage(within.subarray(junk.length, junk.length + bytes.length)), reading);
      const plain = new Uint8Array(within.buffer, within.byteOffset + junk.length, bytes.length);
      assert.deepEqual(readMessage(plain), reading);
      for (const part of reading.parts) assert.deepEqual(decodePart(plain, part), decodePart(bytes, part));
    }),
  );
});

/** A leaf or a multipart of them, and the text that its leaves hold. */
interface Tree {
  text: string | null;
  children: Tree[];
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      text: fc.string({ unit: fc.constantFrom("a", "b", "-", " ", "\n", "é"), maxLength: 30 }),
      children: fc.constant<Tree[]>([]),
    }),
    fc.record({ text: fc.constant(null), children: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

function write({ text, children }: Tree, path: string): string {
  if (text !== null) {
    return `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}`;
  }
  // A boundary that begins like the one around it, as careless writers make them.
  const boundary = `b${path}`;
  const parts = children.map((child, index) => `--${boundary}\r\n${write(child, `${path}${index + 1}`)}\r\n`);
  return `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${parts.join("")}--${boundary}--`;
}

function leaves({ text, children }: Tree): string[] {
  return text === null ? children.flatMap(leaves) : [text];
}

test("what is written as a tree of parts is read as that tree, byte for byte", () => {
  fc.assert(
    fc.property(tree, (whole) => {
      const bytes = Buffer.from(write(whole, "0"));
      const reading = checkReading(bytes);
      const bodies = reading.parts
        .filter(({ isContainer }) => !isContainer)
        .map(({ body }) => bytes.toString("utf8", body.start, body.end));
      assert.deepEqual(bodies, leaves(whole));
      assert.deepEqual(reading.defects, []);
    }),
  );
});
