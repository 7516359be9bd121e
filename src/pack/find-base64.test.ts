import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { collect, seededBytes, stream } from "../../test/support/bytes.ts";
import { type Base64Lines, encodeLines, isBase64Lines, lineWidthMax, textOf, unitBytes } from "./base64-lines.ts";
import { findBase64 } from "./find-base64.ts";

/** Finds base64 in `body`, puts it back, and asserts that nothing changed; gives what was found. */
async function assertComesBack(body: Buffer, pieceBytes = 1000): Promise<{ bytes: Buffer; text: number } | undefined> {
  const seen: Buffer[] = [];
  const found = findBase64(body, (chunk) => seen.push(chunk));
  if (found === undefined) return undefined;
  assert.ok(isBase64Lines(found.lines));
  const bytes = Buffer.concat([...found.chunks()]);
  assert.deepEqual(Buffer.concat(seen), bytes);
  assert.equal(bytes.length, found.bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const text = await collect(encodeLines(stream(...pieces), found.lines, found.end - found.start));
  assert.ok(text.equals(body.subarray(found.start, found.end)));
  return { bytes, text: text.length };
}

const lineEnds = fc.constantFrom<Base64Lines["end"]>("\r\n", "\n");
const recipes = fc.oneof(
  fc.constant<Base64Lines>({ width: 0, end: "" }),
  fc.record({ width: fc.oneof(fc.constantFrom(76, 64, 72, 60), fc.integer({ min: 1, max: 999 })), end: lineEnds }),
);

test("every regular body is found whole, whatever its line length, line end, last line and padding", async () => {
  const bodies = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
    lines: recipes,
    hasLastEnd: fc.boolean(),
    padding: fc.constantFrom(0, 1, 2),
    pieceBytes: fc.integer({ min: 1, max: 3000 }),
  });
  await fc.assert(
    fc.asyncProperty(bodies, async ({ bytes, lines, hasLastEnd, padding, pieceBytes }) => {
      const whole = textOf(Buffer.from(bytes), lines).toString("latin1");
      const trimmed = whole.replace(/[=\r\n]+$/, "");
      const pad =
        padding === 0
          ? ""
          : whole
              .slice(trimmed.length)
              .replace(/[\r\n]/g, "")
              .slice(0, padding);
      const text = hasLastEnd || lines.width === 0 ? whole : trimmed + (trimmed.length % lines.width === 0 ? "" : pad);
      const found = await assertComesBack(Buffer.from(text, "latin1"), pieceBytes);
      assert.ok(found !== undefined);
      assert.ok(found.bytes.equals(Buffer.from(bytes)));
      // At most what hides behind a line break in the padding is left out.
      assert.ok(
        text.length - found.text <= 4,
        `${text.length - found.text} bytes of ${JSON.stringify(text.slice(-20))}`,
      );
    }),
  );
});

test("whatever is changed in a body, what is found of it comes back byte for byte", async () => {
  const changes = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      what: fc.constantFrom("\n", "\r\n", " ", "=", "==", "-", "_", "\t", "é", "AAAA", "A", "\r", "\0", ""),
      cut: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 3000 }),
      recipes,
      changes,
      async (bytes, lines, edits) => {
        let text = textOf(Buffer.from(bytes), lines).toString("latin1");
        for (const { at, what, cut } of edits) {
          const place = Math.floor(at * text.length);
          text = text.slice(0, place) + what + text.slice(place + cut);
        }
        await assertComesBack(Buffer.from(text, "latin1"));
      },
    ),
    { numRuns: 500 },
  );
});

test("bytes of any kind come back where anything is found in them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      await assertComesBack(Buffer.from(bytes));
    }),
  );
});

const regular = (count: number) => textOf(seededBytes(count, count), { width: 76, end: "\r\n" });

test("what padding hides, the URL alphabet, blanks within lines and text behind padding are left where they stand", async () => {
  const clean = regular(5700);
  const cases: [string, (text: string) => string, number][] = [
    ["hidden bits before padding", () => `${clean.toString("latin1")}QUJDRF==\r\n`, 5703],
    ["text behind padding", () => `${clean.toString("latin1")}QUI=QUJD\r\n`, 5702],
    ["the URL alphabet", (text) => `${text.slice(0, 780)}-_${text.slice(782)}`, 570],
    ["a blank in a line", (text) => `${text.slice(0, 780)} ${text.slice(780)}`, 570],
    ["a footer", (text) => `${text}-- \r\nSent to the list\r\n`, 5700],
    ["blank lines around", (text) => `\r\n\r\n${text}\r\n\r\n`, 5700],
    ["LF from the middle on", (text) => text.slice(0, 780) + text.slice(780).replaceAll("\r\n", "\n"), 627],
  ];
  for (const [what, change, expected] of cases) {
    const found = await assertComesBack(Buffer.from(change(clean.toString("latin1")), "latin1"));
    assert.equal(found?.bytes.length, expected, what);
  }
});

test("a body of many chunks is found whole and held neither decoded nor twice", async () => {
  const bytes = seededBytes(7, 5 * 1024 * 1024 + 11);
  for (const lines of [
    { width: 76, end: "\r\n" },
    { width: 75, end: "\n" },
    { width: 0, end: "" },
  ] as const) {
    const found = await assertComesBack(textOf(bytes, lines), 999_983);
    assert.ok(found?.bytes.equals(bytes), JSON.stringify(lines));
  }
  const found = findBase64(textOf(bytes, { width: 76, end: "\n" }), () => undefined);
  for (const chunk of found?.chunks() ?? []) assert.ok(chunk.length <= 1024 * 1024);
});

test("a body with garbage in a late chunk is found as far as it is regular", async () => {
  const text = Buffer.from(regular(3_000_000));
  text.write("?", 2_500_000, "latin1");
  const found = await assertComesBack(text);
  const before = Math.floor(2_500_000 / 78) * 57;
  assert.ok(found !== undefined && found.bytes.length >= before && found.bytes.length < before + 57);
});

test("lines up to the longest that is put back are found, longer ones not", async () => {
  const bytes = seededBytes(3, 20_000);
  assert.notEqual(await assertComesBack(textOf(bytes, { width: lineWidthMax, end: "\n" })), undefined);
  assert.equal(
    findBase64(textOf(bytes, { width: lineWidthMax + 1, end: "\n" }), () => undefined),
    undefined,
  );
  assert.equal(
    findBase64(Buffer.alloc(0), () => undefined),
    undefined,
  );
  assert.equal(
    findBase64(Buffer.from("\r\n\r\n"), () => undefined),
    undefined,
  );
});

test("a recipe that this code cannot follow is known as such", () => {
  for (const wrong of [
    { width: 0, end: "\n" },
    { width: 76, end: "" },
    { width: 76, end: "\r" },
    { width: -4, end: "\n" },
    { width: 7.5, end: "\n" },
    { width: lineWidthMax + 1, end: "\n" },
    { width: "76", end: "\n" },
  ])
    assert.equal(isBase64Lines(wrong), false, JSON.stringify(wrong));
  for (const width of [1, 2, 3, 4, 75, 76, 998]) assert.equal((unitBytes({ width, end: "\n" }) * 4) % (3 * width), 0);
});
