import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBody, decodePart, encodingNamed } from "./transfer-encoding.ts";

const bodies: [encoding: string, body: string, decoded: string, defect: string | null][] = [
  ["7bit", "a=41\r\n", "a=41\r\n", null],
  ["base64", "SGVs\r\nbG8=\r\n", "Hello", null],
  ["base64", "SGVs\rbG8", "Hello", null],
  ["base64", "", "", null],
  ["base64", "SG!Vs*bG8=", "Hello", "base64_junk"],
  ["base64", "SGVsbG8=IHRoZXJl", "Hello there", "base64_junk"],
  ["base64", "SGVs=bG8=", "Hello", "base64_junk"],
  ["base64", "SGVsbG8=\r\n-- \r\n", "Hello", "base64_junk"],
  ["base64", "SGV-sbG8_", "Hello", "base64_junk"],
  ["quoted-printable", "a=3Db=C3=A9", "a=bé", null],
  ["quoted-printable", "a=3d=\r\nb=\nc=\rd= \t\r\ne=", "a=bcde", null],
  ["quoted-printable", "100=% =zz =4", "100=% =zz =4", "quoted_printable_malformed"],
  ["quoted-printable", "plain", "plain", null],
  ["uuencode", "begin 644 a.txt\n%2&5L;&\\\n`\nend\n", "Hello", null],
  ["uuencode", "words before\r\nbegin 644 a b.txt\r\n%2&5L;&\\ \r\n`\r\nend\r\nbehind", "Hello", null],
  ["uuencode", "begin 644 a.txt\n%2&5L;&\\\n", "Hello", "uuencode_malformed"],
  ["uuencode", "begin 644 a.txt\nM2&5L;&\\\n`\nend\n", "Hello\0", "uuencode_malformed"],
  ["uuencode", "no begin line", "no begin line", "uuencode_malformed"],
];

for (const [encoding, body, decoded, defect] of bodies) {
  test(`decodes ${JSON.stringify(body)} as ${encoding}`, () => {
    const reading = decodeBody(Buffer.from(body), encoding);
    assert.deepEqual([reading.bytes.toString(), reading.defect], [decoded, defect]);
  });
}

test("names the encodings that mail names in its own ways", () => {
  const names = ["BASE64", ' "base64" ', "base64;", "Quoted-Printable (soft)", "x-uuencode", "8-bit", "rot13", ""];
  assert.deepEqual(names.map(encodingNamed), [
    "base64",
    "base64",
    "base64",
    "quoted-printable",
    "uuencode",
    "8bit",
    null,
    null,
  ]);
});

test("gives the stretch of the message that the part spans", () => {
  const bytes = new Uint8Array(Buffer.from("xxSGk=yy"));
  const part = { encoding: "base64", body: { start: 2, end: 6 } };
  assert.equal(Buffer.from(decodePart(bytes, part)).toString(), "Hi");
});

test("decodes base64 of any bytes, broken into lines of any length and sprinkled with junk", () => {
  const line = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 500 }),
      line,
      fc.constantFrom("", "!", "\u0000", "é"),
      (bytes, width, junk) => {
        const encoded = Buffer.from(bytes).toString("base64");
        const lines = encoded.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
        const body = Buffer.from(lines.join(junk + "\r\n"), "latin1");
        assert.deepEqual(decodeBody(body, "base64").bytes, Buffer.from(bytes));
      },
    ),
  );
});

test("decodes quoted-printable of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      const body = [...bytes].map((byte) => "=" + byte.toString(16).padStart(2, "0")).join("=\r\n");
      assert.deepEqual(decodeBody(Buffer.from(body), "quoted-printable").bytes, Buffer.from(bytes));
    }),
  );
});

test("any bytes decode to something in every encoding", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const encoding of ["base64", "quoted-printable", "uuencode", "7bit"]) {
        assert.ok(decodeBody(Buffer.from(bytes), encoding).bytes.length <= bytes.length);
        const started = Buffer.concat([Buffer.from("begin 644 x\n"), bytes]);
        assert.ok(decodeBody(started, encoding).bytes.length <= started.length);
      }
    }),
  );
});
