import assert from "node:assert/strict";
import { test } from "node:test";
import { LineReader } from "./line-reader.ts";

const cases: [what: string, input: string, lines: string[]][] = [
  ["cuts at CRLF and leaves it out", "one\r\ntwo\r\n", ["one", "two"]],
  ["gives empty lines", "\r\n\r\n", ["", ""]],
  ["keeps bare CR and LF inside", "a\rb\nc\n\rd\r\n", ["a\rb\nc\n\rd"]],
  ["takes CR CR LF for a line that ends in CR", "a\r\r\n", ["a\r"]],
  ["says nothing of a line without an end", "one\r\ntwo", ["one"]],
  ["reads a line as long as may be", "12345678\r\n", ["12345678"]],
  ["reads a longer line to its end without keeping it", "123456789\r\nx\r\n", ["(long)", "x"]],
  ["does not count the CRLF of a line that just has an end", "1234567890123456\r\n", ["(long)"]],
  ["gives up a line without an end", "12345678901234567\r\n", ["(endless)"]],
];

for (const [what, input, lines] of cases) {
  test(`${what}, wherever the octets are split`, () => {
    const bytes = Buffer.from(input, "latin1");
    for (let at = 0; at <= bytes.length; at += 1) {
      assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), lines, `split at ${at}`);
    }
    assert.deepEqual(read(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))), lines, "octet by octet");
  });
}

/** Lines of at most 8 octets, given up above 16. Ends with the first line that is given up. */
function read(chunks: Buffer[]): string[] {
  const reader = new LineReader(10, 16);
  const lines: string[] = [];
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const { line, next } = reader.take(chunk, at);
      at = next;
      if (line === null) continue;
      lines.push(line.kind === "line" ? line.bytes.toString("latin1") : `(${line.kind})`);
      if (line.kind === "endless") return lines;
    }
  }
  return lines;
}
