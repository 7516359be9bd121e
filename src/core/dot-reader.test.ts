import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DotReader } from "./dot-reader.ts";

const cases: [what: string, sent: string, content: string, behind: string][] = [
  ["ends at CRLF, dot, CRLF and keeps the first CRLF", "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n"],
  ["ends at a dot line that comes first", ".\r\nQUIT\r\n", "", "QUIT\r\n"],
  ["takes out the dot that begins a line, once", "..\r\n...\r\n.x\r\n.\r\n", ".\r\n..\r\nx\r\n", ""],
  ["keeps a dot behind a bare LF or CR", "a\n.b\r.c\n..d\r\n.\r\n", "a\n.b\r.c\n..d\r\n", ""],
  ["does not end at LF, dot, LF", "\n.\n\r\n.\r\n", "\n.\n\r\n", ""],
  ["does not end at LF, dot, CRLF", "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", ""],
  ["does not end at CRLF, dot, CR", "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", ""],
  ["does not end at CRLF, dot, LF", "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", ""],
  ["does not end at CRLF, dot, CR, CRLF", "a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", ""],
  ["ends behind a line that is a dot and CR", "a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", ""],
  ["ends behind CR CRLF", "a\r\r\n.\r\n", "a\r\r\n", ""],
];

for (const [what, sent, content, behind] of cases) {
  test(`${what}, wherever the octets are split`, () => {
    const bytes = Buffer.from(sent, "latin1");
    for (let at = 0; at <= bytes.length; at += 1) {
      const found = read([bytes.subarray(0, at), bytes.subarray(at)]);
      assert.deepEqual(found, { content, behind, ended: true }, `split at ${at}`);
    }
    assert.deepEqual(read(octets(bytes)), { content, behind, ended: true }, "octet by octet");
  });
}

test("reads any octets as one look at all of them does, however they are split", () => {
  const octet = fc.constantFrom("\r", "\n", ".", "a", "\0", "\r\n", "\r\n.");
  fc.assert(
    fc.property(fc.array(octet, { maxLength: 30 }), fc.array(fc.nat(60), { maxLength: 6 }), (parts, places) => {
      const sent = parts.join("");
      const bytes = Buffer.from(sent, "latin1");
      const bounds = [0, ...places.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = bounds.slice(1).map((bound, index) => bytes.subarray(bounds[index], bound));
      const framed = "\r\n" + sent;
      const end = framed.indexOf("\r\n.\r\n");
      const whole = end < 0 ? `${framed}\r\n.\r\n` : framed;
      const content = (text: string) => text.replaceAll("\r\n.", "\r\n").slice(2);
      const found = read(chunks);
      if (end >= 0) {
        const expected = { content: content(framed.slice(0, end + 2)), behind: framed.slice(end + 5), ended: true };
        assert.deepEqual(found, expected);
      } else {
        // Without its end a body is known but for the octets that may be the end's beginning.
        assert.equal(found.ended, false);
        assert.ok(content(whole).startsWith(found.content));
      }
    }),
    { numRuns: 5_000, seed: 5321 },
  );
});

test("hands a body without dots on as it lies in the chunk, without a copy", () => {
  const chunk = Buffer.from("a line\r\nanother\r\n");
  assert.equal(new DotReader().take(chunk, 0).content.buffer, chunk.buffer);
});

test("leaves the chunk as it was", () => {
  const chunk = Buffer.from("..\r\n..\r\n.\r\n");
  new DotReader().take(chunk, 0);
  assert.equal(chunk.toString(), "..\r\n..\r\n.\r\n");
});

function read(chunks: Buffer[]): { content: string; behind: string; ended: boolean } {
  const reader = new DotReader();
  const all = Buffer.concat(chunks);
  let content = "";
  let offset = 0;
  for (const chunk of chunks) {
    const piece = reader.take(chunk, 0);
    content += Buffer.from(piece.content).toString("latin1");
    offset += piece.next;
    if (piece.ended) return { content, behind: all.subarray(offset).toString("latin1"), ended: true };
  }
  return { content, behind: "", ended: false };
}

function octets(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}
