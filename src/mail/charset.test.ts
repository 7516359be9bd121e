import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCharset } from "./charset.ts";

const texts: [label: string | null, bytes: number[] | string, text: string, fit: string][] = [
  ["utf-8", "grün", "grün", "fits"],
  ["UTF8", [0xef, 0xbb, 0xbf, 0x61], "a", "fits"],
  ["utf-8", [0x61, 0xff], "a\ufffd", "mismatch"],
  ["us-ascii", "plain", "plain", "fits"],
  ["us-ascii", "grün", "grün", "mismatch"],
  ["us-ascii", [0x67, 0xfc], "gü", "mismatch"],
  [null, "grün", "grün", "absent"],
  [null, [0x80, 0x67, 0xfc], "€gü", "absent"],
  ["", "plain", "plain", "absent"],
  ["iso-8859-1", [0x67, 0xfc], "gü", "fits"],
  ["windows-1251", [0xcf, 0xf0], "Пр", "fits"],
  ["koi8-r", [0xf0, 0xd2], "Пр", "fits"],
  ["iso-2022-jp", [0x1b, 0x24, 0x42, 0x24, 0x22, 0x1b, 0x28, 0x42], "あ", "fits"],
  ["cp932", [0x82, 0xa0], "あ", "fits"],
  ["gb2312", [0xc4, 0xe3], "你", "fits"],
  ["cp437", [0x81], "ü", "fits"],
  ["utf-7", "+AOk-", "é", "fits"],
  ["iso-8859-8-i", [0xf9], "ש", "fits"],
  ["utf-16be", [0x00, 0x61], "a", "fits"],
  ["iso-8859-1*en", [0xfc], "ü", "fits"],
  ['"utf-8"', "ü", "ü", "fits"],
  ["base64", "aGk=", "aGk=", "unknown"],
  ["x-no-such", "grün", "grün", "unknown"],
  ["__proto__", [0xfc], "ü", "unknown"],
  [null, '\x1b$B$"\x1b(B', "あ", "absent"],
  ["us-ascii", '\x1b$B$"\x1b(B', "あ", "mismatch"],
];

for (const [label, bytes, text, fit] of texts) {
  test(`decodes ${JSON.stringify(bytes)} as ${label}`, () => {
    const raw = typeof bytes === "string" ? Buffer.from(bytes) : Buffer.from(bytes);
    assert.deepEqual(decodeCharset(raw, label), { text, label: fit, asUtf8: null });
  });
}

test("gives the UTF-8 reading too where the bytes are UTF-8 and another charset is named", () => {
  const { text, label, asUtf8 } = decodeCharset(Buffer.from("grün"), "windows-1252");
  assert.deepEqual([text, label, asUtf8], ["grÃ¼n", "fits", "grün"]);
  for (const other of ["plain", Buffer.from([0x67, 0xfc])]) {
    assert.equal(decodeCharset(Buffer.from(other), "windows-1252").asUtf8, null);
  }
});

test("guesses by a charset that the message names elsewhere, where the bytes fit it", () => {
  const korean = Buffer.from([0xb8, 0xe1, 0xb7, 0xd0]);
  assert.equal(decodeCharset(korean, null, "euc-kr").text, "멜론");
  assert.equal(decodeCharset(korean, null, "x-no-such").text, "¸á·Ð");
  assert.equal(decodeCharset(Buffer.from([0xfc]), null, "euc-kr").text, "ü");
  assert.equal(decodeCharset(Buffer.from("grün"), null, "euc-kr").text, "grün");
});
