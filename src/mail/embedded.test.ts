import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePart, readMessage } from "./index.ts";
import { partsMax } from "./limits.ts";

/** As programs without MIME wrote it. */
function uuencoded(content: Uint8Array, name: string, end = "\r\n"): string {
  const sign = (value: number) => String.fromCharCode(value === 0 ? 0x60 : value + 0x20);
  const lines: string[] = [];
  for (let at = 0; at < content.length; at += 45) {
    const line = content.subarray(at, at + 45);
    let text = sign(line.length);
    for (let group = 0; group < line.length; group += 3) {
      const [a, b, c] = [line[group]!, line[group + 1] ?? 0, line[group + 2] ?? 0];
      text += sign(a >> 2) + sign(((a & 3) << 4) | (b >> 4)) + sign(((b & 15) << 2) | (c >> 6)) + sign(c & 63);
    }
    lines.push(text);
  }
  return [`begin 644 ${name}`, ...lines, "`", "end"].join(end);
}

/** As the draft of yEnc says. */
function yEncoded(content: Uint8Array, name: string, end = "\r\n"): Buffer {
  const out: number[] = [];
  let column = 0;
  for (const byte of content) {
    const sign = (byte + 42) & 0xff;
    if (sign === 0 || sign === 0x0a || sign === 0x0d || sign === 0x3d) {
      out.push(0x3d, (sign + 64) & 0xff);
      column += 1;
    } else out.push(sign);
    column += 1;
    if (column >= 128) {
      out.push(...Buffer.from(end));
      column = 0;
    }
  }
  const begin = `=ybegin line=128 size=${content.length} name=${name}${end}`;
  return Buffer.concat([Buffer.from(begin), Buffer.from(out), Buffer.from(`${end}=yend size=${content.length}${end}`)]);
}

const content = fc.uint8Array({ minLength: 1, maxLength: 400 });
const lineEnd = fc.constantFrom("\n", "\r\n");

function filesOf(bytes: Buffer): [path: string, name: string | null, content: Buffer][] {
  return readMessage(bytes)
    .parts.filter(({ type }) => type === "application/octet-stream")
    .map((part) => [part.path, part.filename, Buffer.from(decodePart(bytes, part))]);
}

test("a uuencoded and a yEnc file in a text come back as they were", () => {
  fc.assert(
    fc.property(content, content, lineEnd, (first, second, end) => {
      const bytes = Buffer.concat([
        Buffer.from(`Subject: s${end}${end}words before${end}${uuencoded(first, "a b.txt", end)}${end}between${end}`),
        yEncoded(second, "c d.bin", end),
        Buffer.from(`behind${end}`),
      ]);
      assert.deepEqual(filesOf(bytes), [
        ["1", "a b.txt", Buffer.from(first)],
        ["2", "c d.bin", Buffer.from(second)],
      ]);
      assert.ok(readMessage(bytes).text.includes("behind"));
    }),
  );
});

test("a yEnc body is decoded where the part names it, and words of its own are not lost", () => {
  const bytes = Buffer.concat([
    Buffer.from("Content-Type: application/x\nContent-Transfer-Encoding: x-yenc\n\n"),
    yEncoded(Buffer.from("kiwi"), "a"),
  ]);
  const reading = readMessage(bytes);
  assert.equal(Buffer.from(decodePart(bytes, reading.parts[0]!)).toString(), "kiwi");
  assert.deepEqual(reading.defects, []);
});

test("a file in a part hangs below it, and in a wrapped message below its text", () => {
  const file = uuencoded(Buffer.from("kiwi"), "../a.txt");
  const inPart = Buffer.from(`Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${file}\n--b\n\nx\n--b--`);
  assert.deepEqual(filesOf(inPart), [["1.1", "a.txt", Buffer.from("kiwi")]]);
  assert.deepEqual(
    readMessage(inPart).parts.map(({ path }) => path),
    ["", "1", "1.1", "2"],
  );
  const inMessage = Buffer.from(`Content-Type: message/rfc822\n\n\n${file}`);
  assert.deepEqual(filesOf(inMessage)[0]![0], "0.1");
});

test("a file without its end is what stands there of it, and the next one begins anew", () => {
  const cut = uuencoded(Buffer.alloc(90, "x"), "a").split("\r\n").slice(0, 2).join("\r\n");
  const bytes = Buffer.from(`\n${cut}\r\nno more of it\r\n${uuencoded(Buffer.from("kiwi"), "b")}`);
  assert.deepEqual(filesOf(bytes), [
    ["1", "a", Buffer.alloc(45, "x")],
    ["2", "b", Buffer.from("kiwi")],
  ]);
});

test("words that only look like the beginning of a file begin none", () => {
  for (const words of [
    "begin 644 times\nand try again, as people do",
    "=ybegin without a name",
    "x begin 644 a\n#86)C\n",
  ]) {
    assert.deepEqual(filesOf(Buffer.from(`\n${words}`)), [], words);
  }
  assert.deepEqual(filesOf(Buffer.from(`Content-Type: text/html\n\n${uuencoded(Buffer.from("x"), "a")}`)), []);
});

test("as many files are listed as parts are", () => {
  const reading = readMessage(Buffer.from(`\n${"begin 644 a\n#86)C\nend\n".repeat(partsMax + 1)}`));
  assert.equal(reading.parts.length, partsMax);
  assert.ok(reading.defects.some(({ code }) => code === "parts_exceeded"));
});
