import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { corpusFile, corpusFiles } from "../../test/corpus.ts";
import { decodePart, readMessage } from "./index.ts";

test("every file of the corpus can be read, whatever it is", () => {
  let count = 0;
  for (const { name, bytes } of corpusFiles("mime-", "multilingual-", "hostile-", "journal-", "smime-")) {
    const before = Buffer.from(bytes);
    const reading = readMessage(bytes);
    assert.ok(reading.parts.length > 0, name);
    assert.ok(before.equals(bytes), name);
    for (const { body } of reading.parts) assert.ok(body.start <= body.end && body.end <= bytes.length, name);
    count += 1;
  }
  assert.ok(count > 2_000, `only ${count} files`);
});

test("bounces of one kind read alike, whether their lines end in LF, CRLF or CR", () => {
  const pairs = [...corpusFiles("dsn-sisimai")].filter(({ name }) => name.includes("/maildir/bsd/")).slice(0, 60);
  assert.ok(pairs.length > 10);
  let compared = 0;
  for (const { name, bytes } of pairs) {
    const usual = readMessage(bytes);
    if (bytes.includes("\r")) continue;
    for (const end of ["\r\n", "\r"]) {
      const reading = readMessage(Buffer.from(bytes.toString("latin1").replaceAll("\n", end), "latin1"));
      assert.deepEqual(reading.headers, usual.headers, name);
      assert.deepEqual(
        reading.parts.map(({ path, type }) => [path, type]),
        usual.parts.map(({ path, type }) => [path, type]),
        name,
      );
      compared += 1;
    }
  }
  assert.ok(compared > 20);
});

const facts: [name: string, subject: string, from: string, words: string][] = [
  [
    "4925-japanese",
    "ＥＴＣマイレージからのお知らせ",
    "ＥＴＣマイレージサービス事務局",
    "いつもＥＴＣマイレージサービスを",
  ],
  ["6094-japanese-1", "Re: 緊急ミーティング", "うるの拓也", "どの日でもいいですよ。"],
  ["2195-greek", "Έκδοση μηνιαίου λογαριασμού 15/02/2011", "", "Αγαπητέ συνδρομητή"],
  ["5230-thai-chinese", "เหตุทำให้สมองเสื่อมไว", "Aram Poonpon", "เหตุทำให้สมองเสื่อมไวและไม่ควรทำ"],
  ["4851-chinese", "Cheeky Chuck Champ | Chinese name", "Stefano Roncari", "We have to choose the name"],
  ["1015-windows-1252", "Re: Test test", "Test test", "wasn’t showing up"],
];
for (const [name, subject, from, words] of facts) {
  test(`reads the words of ${name}`, () => {
    const { headers, text } = readMessage(corpusFile(`multilingual-mailcore2/input/${name}.eml`));
    assert.equal(headers.subject, subject);
    assert.equal(headers.from[0]!.name, from);
    assert.ok(text.includes(words), text.slice(0, 200));
  });
}

test("corpus messages with bytes changed, cut out or put in can be read", () => {
  const seeds = [...corpusFiles("journal-", "mime-enmime", "mime-postal-mime")].filter(
    ({ bytes }) => bytes.length < 20_000,
  );
  const edit = fc.record({
    at: fc.nat(19_999),
    cut: fc.nat(50),
    put: fc.constantFrom("", "\r", "\n", "\0", "--", ":", '"', "=", "\r\n\r\n", "boundary=x;"),
  });
  fc.assert(
    fc.property(fc.nat(seeds.length - 1), fc.array(edit, { maxLength: 8 }), (index, edits) => {
      let bytes: Buffer = seeds[index]!.bytes;
      for (const { at, cut, put } of edits) {
        const place = at % (bytes.length + 1);
        bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(put), bytes.subarray(place + cut)]);
      }
      for (const part of readMessage(bytes).parts) decodePart(bytes, part);
    }),
    { numRuns: 300 },
  );
});
