import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePart, readMessage } from "../mail/index.ts";
import type { OutlookItem, OutlookProperty } from "./item.ts";
import { renderItem } from "./render.ts";

const seed = "ab".repeat(32);

const text = (id: number, value: string): OutlookProperty => ({ id, type: 0x1f, value: Buffer.from(value, "utf16le") });
const number = (id: number, value: number): OutlookProperty => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  return { id, type: 3, value: bytes };
};
const octets = (id: number, value: Buffer): OutlookProperty => ({ id, type: 0x102, value });
const file = (...properties: OutlookProperty[]) => ({ properties, item: null });

function rendered(item: Partial<OutlookItem>) {
  const { bytes, defects } = renderItem({ properties: [], recipients: [], attachments: [], ...item }, seed);
  return { bytes, defects, reading: readMessage(bytes) };
}

test("an item of nothing is a mail of nothing", () => {
  const { reading, defects } = rendered({});
  assert.deepEqual([reading.headers.subject, reading.text, defects, reading.defects], ["", "", [], []]);
});

test("fields are made of properties where the mail came with none, and none of them can end another", () => {
  const at = Buffer.alloc(8);
  at.writeBigUInt64LE((1_700_000_000_000n + 11_644_473_600_000n) * 10_000n);
  const { reading } = rendered({
    properties: [
      text(0x37, "Grüße\r\nBcc: eve@example.com"),
      text(0x0c1a, 'Ann "the" O\\Neil'),
      text(0x0c1f, "ann@example.com"),
      text(0x42, "Chief"),
      text(0x65, "/O=Ex (x)/CN=chief"),
      text(0x1035, "<1@example.com>\r\nX: y"),
      text(0x1042, "<0@example.com>"),
      text(0x1000, "Guten Tag\r\n"),
      { id: 0x39, type: 0x40, value: at },
    ],
    recipients: [
      [number(0x0c15, 1), text(0x3001, "Bob"), text(0x39fe, "bob@example.com")],
      [number(0x0c15, 3), text(0x3001, "Cy"), text(0x3003, "cy@example.com")],
    ],
  });
  const { headers } = reading;
  assert.equal(headers.subject, "Grüße Bcc: eve@example.com");
  assert.deepEqual(headers.from, [{ name: "Chief", address: '"/O=Ex (x)/CN=chief"' }]);
  assert.deepEqual(headers.to, [{ name: "Bob", address: "bob@example.com" }]);
  assert.deepEqual(headers.bcc, [{ name: "Cy", address: "cy@example.com" }]);
  assert.equal(headers.date, 1_700_000_000_000);
  assert.equal(headers.messageId, "<1@example.com>");
  assert.equal(reading.text.trim(), "Guten Tag");
});

test("the fields that a mail came with are kept, but for those of its octets", () => {
  const { reading, bytes } = rendered({
    properties: [
      text(0x37, "other"),
      text(
        0x7d,
        "Received: from a\r\n\tby b\r\nSubject: sent\r\nContent-Type: text/html\r\nnonsense\r\nTo: l@example.com\r\n\r\n",
      ),
    ],
    recipients: [[number(0x0c15, 3), text(0x39fe, "bcc@example.com")]],
  });
  assert.equal(reading.headers.subject, "sent");
  assert.deepEqual(reading.headers.to, [{ name: "", address: "l@example.com" }]);
  assert.deepEqual(reading.headers.bcc, [{ name: "", address: "bcc@example.com" }]);
  assert.match(bytes.toString(), /^Received: from a\r\n\tby b\r\n/);
  assert.deepEqual(reading.defects, []);
});

test("files keep their names and octets, whatever they are", () => {
  const names = ["../../x", "C:\\x", "n\u0000ul", "ü'()*!.txt", "x".repeat(300), 'a"b\r\n.txt', ""];
  const content = Buffer.from("--=_abab\r\n\r\nFrom x\r\n");
  const { reading, bytes } = rendered({
    attachments: names.map((name) => file(text(0x3707, name), octets(0x3701, content))),
  });
  const files = reading.parts.filter(({ type }) => type === "application/octet-stream");
  assert.equal(files.length, names.length);
  for (const part of files) assert.deepEqual(decodePart(bytes, part), content);
  assert.equal(files[3]?.filename, "ü'()*!.txt");
});

test("S/MIME stands as it was sent: what was signed in clear as its entity, what was encrypted as its octets", () => {
  const entity = 'Content-Type: multipart/signed; boundary="b"\r\n\r\n--b\r\n\r\nsigned\r\n--b--\r\n';
  const signed = rendered({
    properties: [text(0x1a, "IPM.Note.SMIME.MultipartSigned"), text(0x37, "s")],
    attachments: [file(octets(0x3701, Buffer.from(entity)), text(0x370e, "multipart/signed"))],
  });
  assert.match(signed.bytes.toString(), /\r\n\r\n--b\r\n\r\nsigned\r\n--b--\r\n$/);
  assert.equal(signed.reading.parts[0]?.type, "multipart/signed");
  assert.equal(signed.reading.headers.subject, "s");
  const cms = Buffer.from([0x30, 0x80, 0x06]);
  const opaque = rendered({
    properties: [text(0x1a, "IPM.Note.SMIME")],
    attachments: [file(octets(0x3701, cms), text(0x3707, "smime.p7m"))],
  });
  assert.equal(opaque.reading.parts[0]?.type, "application/pkcs7-mime");
  assert.deepEqual(decodePart(opaque.bytes, opaque.reading.parts[0]!), cms);
});

test("items that lie deeper than is read, and more than are read, are told", () => {
  let item: OutlookItem = { properties: [text(0x37, "inmost")], recipients: [], attachments: [] };
  for (let depth = 0; depth < 30; depth += 1)
    item = { properties: [text(0x37, `${depth}`)], recipients: [], attachments: [{ properties: [], item }] };
  const { defects } = rendered(item);
  assert.deepEqual(defects, ["tnef_excess"]);
});
