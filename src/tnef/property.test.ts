import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { corpusFile } from "../../test/corpus.ts";
import { tnefDefectMeanings } from "./defects.ts";
import { readTnef, type TnefReading } from "./index.ts";
import { attachmentsMax, defectRepeatsMax, nestedDepthMax, rtfDepthMax, textCharsMax } from "./limits.ts";
import { unfoldRtf } from "./lzfu.ts";
import { readRtf } from "./rtf-text.ts";

function checked(bytes: Buffer): TnefReading {
  const before = Buffer.from(bytes);
  const reading = readTnef(bytes);
  assert.deepEqual(bytes, before, "the octets are left alone");
  assert.deepEqual(readTnef(bytes), reading, "the same octets give the same reading");
  for (const code of reading.defects) assert.ok(code in tnefDefectMeanings, code);
  const characters = reading.messages.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(characters <= textCharsMax);
  return reading;
}

const attribute = (level: number, id: number, data: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUInt8(level, 0);
  head.writeUInt16LE(id, 1);
  head.writeUInt32LE(data.length, 5);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(data.reduce((all, octet) => (all + octet) & 0xffff, 0));
  return Buffer.concat([head, data, sum]);
};
const start = Buffer.from([0x78, 0x9f, 0x3e, 0x22, 1, 0]);
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const properties = (...list: [tag: number, value: Buffer][]): Buffer =>
  Buffer.concat([
    number(list.length),
    ...list.flatMap(([tag, value]) => [
      number(tag),
      number(1),
      number(value.length),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    ]),
  ]);

test("any octets give a reading", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void checked(Buffer.from(bytes))));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0x9003, 0x9004, 0x9005), (bytes, id) => {
      checked(Buffer.concat([start, attribute(id === 0x9005 ? 2 : 1, id, Buffer.from(bytes))]));
    }),
  );
});

test("a sample with octets changed or cut off gives a reading", () => {
  const sample = corpusFile(join("outlook-tnefparse", "body.tnef"));
  fc.assert(
    fc.property(fc.nat(sample.length), fc.nat(sample.length - 1), fc.nat(255), (length, at, octet) => {
      const changed = Buffer.from(sample);
      changed[at] = octet;
      checked(changed.subarray(0, length));
    }),
  );
});

test("any octets unfold to bounded RTF, and any RTF to text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const head = Buffer.concat([number(0), number(0xffffffff), number(0x75465a4c), number(0)]);
      const unfolded = unfoldRtf(Buffer.concat([head, bytes]));
      assert.ok(unfolded !== null && unfolded.rtf.length <= (bytes.length + 16) * 17);
      readRtf(unfolded.rtf);
    }),
  );
  const words = fc.constantFrom(
    "{",
    "}",
    "\\",
    "\\*",
    "\\'e9",
    "\\u233 ?",
    "\\fromhtml1",
    "\\htmlrtf",
    "\\f1",
    "a",
    "\\bin9",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 60 }), (list) => {
      assert.ok(readRtf(Buffer.from(list.join(""))).text.length <= list.join("").length * 2);
    }),
  );
});

test("compressed RTF unfolds as its specification's examples say", () => {
  // [MS-OXRTFCP] §4.1.1 and §4.2.1: plain compression, and a reference that reads what it writes.
  const first = "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af32068656c09002062 7705b06c647d0a800fa0";
  const crossing = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0";
  const unfolded = (hex: string) => String(unfoldRtf(Buffer.from(hex.replaceAll(" ", ""), "hex"))?.rtf);
  assert.equal(unfolded(first), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  assert.equal(unfolded(crossing), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
});

test("RTF that carries HTML gives that HTML and nothing that was added for readers of RTF", () => {
  const rtf =
    "{\\rtf1\\ansi\\ansicpg1251\\fromhtml1 {\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset128 MS Gothic;}}" +
    "{\\*\\htmltag64 <p>}\\htmlrtf {\\f1\\htmlrtf0 \\'93\\'fa\\'96\\'7b\\htmlrtf\\f0}\\htmlrtf0 \\'cf{\\*\\mhtmltag <q>}" +
    "\\htmlrtf\\par\\htmlrtf0 {\\*\\htmltag72 </p>}\\u8364 ?}";
  assert.deepEqual(readRtf(Buffer.from(rtf)), { kind: "html", text: "<p>日本П</p>€" });
});

test("groups nested deeper than are kept end where they end", () => {
  const deep = (depth: number) => `{\\rtf1 ${"{".repeat(depth)}in${"}".repeat(depth)} out}`;
  for (const depth of [rtfDepthMax - 1, rtfDepthMax, rtfDepthMax + 1, 300_000]) {
    assert.equal(readRtf(Buffer.from(deep(depth))).text, "in out");
  }
});

test("attachments beyond the most that are listed are named as left out", () => {
  const one = attribute(2, 0x9002, Buffer.alloc(14));
  const many = (count: number) => readTnef(Buffer.concat([start, ...Array.from({ length: count }, () => one)]));
  assert.equal(many(attachmentsMax).messages[0]?.attachments.length, attachmentsMax);
  assert.deepEqual(many(attachmentsMax).defects, []);
  assert.equal(many(attachmentsMax + 5).messages[0]?.attachments.length, attachmentsMax);
  assert.deepEqual([...new Set(many(attachmentsMax + 5).defects)], ["tnef_excess"]);
});

test("messages nested deeper than are read are named as left out", () => {
  const subject = (text: string) => attribute(1, 0x9003, properties([0x0037001f, Buffer.from(text, "utf16le")]));
  const nested = (depth: number): Buffer => {
    let stream = Buffer.concat([start, subject("innermost")]);
    for (let level = 0; level < depth; level += 1) {
      const object = Buffer.concat([Buffer.alloc(16), stream]);
      const attached = attribute(2, 0x9005, properties([0x3701000d, object]));
      stream = Buffer.concat([start, attribute(2, 0x9002, Buffer.alloc(14)), attached]);
    }
    return stream;
  };
  const whole = checked(nested(nestedDepthMax));
  assert.equal(whole.messages.at(-1)?.subject, "innermost");
  assert.deepEqual(whole.defects, []);
  assert.deepEqual(checked(nested(nestedDepthMax + 1)).defects, ["tnef_excess"]);
});

test("lengths and counts that claim more than there is cost nothing", () => {
  const claim = Buffer.concat([number(0xffffffff), number(0x0037101f), number(0xffffffff), number(0xffffffff)]);
  const reading = checked(Buffer.concat([start, attribute(1, 0x9003, claim), attribute(1, 0x9004, claim)]));
  assert.deepEqual([...new Set(reading.defects)], ["tnef_properties"]);
});

test("one kind of damage is listed a few times however often it occurs", () => {
  const bad = attribute(1, 0x8004, Buffer.from("x"));
  bad[bad.length - 1] = 0xff;
  const { defects, messages } = checked(Buffer.concat([start, ...Array.from({ length: 100 }, () => bad)]));
  assert.equal(defects.length, defectRepeatsMax);
  assert.equal(messages[0]?.subject, "x");
});
