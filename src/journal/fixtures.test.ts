import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type MailPart, type MailReading, readMessage } from "#mail/index.ts";
import { type Unwrapping, unwrap } from "./index.ts";

type Report = Extract<Unwrapping, { kind: "report" }>;
type Domino = Extract<Unwrapping, { kind: "domino" }>;

/** What a fixture's expectation file says: the facts of the unwrapping, the wrapped bytes by digest. */
type Expected =
  | (Omit<Report, "inner" | "decoded" | "confidence"> & { innerBytes: number; innerSha256: string; isEncoded: boolean })
  | Omit<Domino, "confidence">
  | Exclude<Unwrapping, Report | Domino>;

const fixtures = join(import.meta.dirname, "../../fixtures/journal");

function namesIn(dialect: string): string[] {
  return readdirSync(join(fixtures, dialect)).flatMap((file) => (file.endsWith(".eml") ? [file.slice(0, -4)] : []));
}

function read(dialect: string, name: string): { bytes: Buffer; expected: Expected } {
  const file = join(fixtures, dialect, name);
  const expected = JSON.parse(readFileSync(`${file}.expected.json`, "utf8")) as Expected;
  return { bytes: readFileSync(`${file}.eml`), expected };
}

/** The facts of an unwrapping as expectation files have them. */
function factsOf(bytes: Buffer, found: Unwrapping) {
  if (found.kind !== "report" && found.kind !== "domino") return found;
  assert.ok(found.confidence >= 0 && found.confidence <= 1);
  if (found.kind === "domino") {
    const { confidence: _confidence, ...facts } = found;
    return facts;
  }
  const { inner, decoded, confidence: _confidence, ...facts } = found;
  const message = decoded ?? bytes.subarray(inner.start, inner.end);
  const innerSha256 = createHash("sha256").update(message).digest("hex");
  return { ...facts, innerBytes: message.length, innerSha256, isEncoded: decoded !== null };
}

for (const dialect of ["exchange", "exchange-2003", "bounce", "domino"]) {
  for (const name of namesIn(dialect)) {
    test(`unwraps ${dialect}/${name} as expected`, () => {
      const { bytes, expected } = read(dialect, name);
      const { reasons, ...facts } = factsOf(bytes, unwrap(bytes, readMessage(bytes)));
      const { reasons: reasonsExpected, ...factsExpected } = expected;
      assert.deepEqual(facts, factsExpected);
      for (const reason of reasonsExpected)
        assert.ok(reasons.includes(reason), `${reason} is not in ${JSON.stringify(reasons)}`);
    });
  }
}

test("there are fixtures of every dialect", () => {
  const counts = ["exchange", "exchange-2003", "bounce", "domino"].map((dialect) => namesIn(dialect).length);
  counts.forEach((count, index) => {
    assert.ok(count >= [60, 20, 12, 4][index]!, `${count} fixtures of dialect ${index}`);
  });
});

/** The first plain text before any wrapped message, when it is in clear. */
function reportTextOf({ parts }: MailReading): MailPart | null {
  const text = parts.find(({ type, path }) => type === "text/plain" && /^1(\.1)?$/.test(path));
  return text !== undefined && (text.encoding === "7bit" || text.encoding === "8bit") ? text : null;
}

/** The same item with this part's body in another transfer encoding. */
function recoded(bytes: Buffer, { header, body }: MailPart, encoding: "base64" | "quoted-printable"): Buffer {
  const fields = bytes.toString("latin1", header.start, header.end).trimEnd();
  const others = fields.split(/\r\n|\n|\r/).filter((line) => !/^content-transfer-encoding:/i.test(line));
  const content = bytes.subarray(body.start, body.end);
  const encoded =
    encoding === "base64"
      ? content.toString("base64").replace(/.{76}/g, "$&\r\n")
      : content
          .toString("latin1")
          .replace(/[=\x80-\xff]|[ \t](?=[\r\n]|$)/g, (char) => `=${hexOf(char)}`)
          .replace(/[^\r\n]{60}(?=[^\r\n=]{3})/g, "$&=\r\n");
  return Buffer.concat([
    bytes.subarray(0, header.start),
    Buffer.from([...others, `Content-Transfer-Encoding: ${encoding}`, "", encoded].join("\r\n"), "latin1"),
    bytes.subarray(body.end),
  ]);
}

function hexOf(char: string): string {
  return char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

for (const dialect of ["exchange", "exchange-2003"]) {
  for (const encoding of ["base64", "quoted-printable"] as const) {
    test(`reads the ${dialect} reports alike when their texts are in ${encoding}`, () => {
      let count = 0;
      for (const name of namesIn(dialect)) {
        const { bytes } = read(dialect, name);
        const reading = readMessage(bytes);
        const text = reportTextOf(reading);
        if (text === null || unwrap(bytes, reading).kind === "not_report") continue;
        count += 1;
        const other = recoded(bytes, text, encoding);
        const again = unwrap(other, readMessage(other));
        assert.deepEqual(factsOf(other, again), factsOf(bytes, unwrap(bytes, reading)), name);
      }
      assert.ok(count >= { exchange: 40, "exchange-2003": 12 }[dialect]!, `${count} were read`);
    });
  }
}
