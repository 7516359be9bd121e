import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import iconv from "iconv-lite";
import { corpusFile } from "../../test/corpus.ts";
import { guessCharset } from "./charset-guess.ts";
import { readMessage } from "./index.ts";

const texts: [charset: string, text: string][] = [
  ["shift_jis", "お世話になっております。明日の会議の資料をお送りします。"],
  ["euc-jp", "お世話になっております。明日の会議の資料をお送りします。"],
  ["euc-kr", "안녕하세요. 내일 회의 자료를 보내 드립니다. 감사합니다."],
  ["gb18030", "您好,现将明天会议的资料发给您,请查收。谢谢!"],
  ["big5", "您好,現將明天會議的資料寄給您,請查收。謝謝!"],
  ["windows-1251", "Добрый день! Высылаю материалы к завтрашней встрече. С уважением"],
  ["koi8-r", "Добрый день! Высылаю материалы к завтрашней встрече. С уважением"],
  ["windows-1255", "שלום רב, מצורף החומר לפגישה של מחר. בברכה"],
];
for (const [charset, text] of texts) {
  test(`tells ${charset} from its text, and mail that names nothing is found by its words`, () => {
    const bytes = iconv.encode(text, charset);
    assert.equal(guessCharset(bytes), charset);
    assert.equal(readMessage(Buffer.concat([Buffer.from("\n"), bytes])).text, text);
  });
}

test("tells the charsets of the samples that are named by theirs", () => {
  for (const name of ["big5", "gb18030", "shift_jis"]) {
    assert.equal(guessCharset(corpusFile(`multilingual-mailcore2/charset-detection/input/${name}.txt`)), name);
  }
});

test("takes Western text for none of them", () => {
  for (const text of [
    "Äpfel, Öl und Übermut: die größten Straßen führen über Brücken.",
    "L'été dernier à la fête, où étaient-ils? Déjà vu, naïveté, œuvre.",
    "El niño soñó que mañana habrá más señales en español.",
    "Žluťoučký kůň úpěl ďábelské ódy",
    "“Quoted” – and dashed — €100",
    "ÀÉÎÕÜ",
    "",
  ]) {
    assert.equal(guessCharset(iconv.encode(text, /[Žů]/.test(text) ? "windows-1250" : "windows-1252")), null, text);
  }
});

test("says something of any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void guessCharset(Buffer.from(bytes))));
});
