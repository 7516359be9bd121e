import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressLengthMax, addressToken, analyseAddress, domainToken, parentDomainsMax } from "./address.ts";
import { analyse, wordLengthMax } from "./analyse.ts";

test("a text becomes folded words, and pairs where no spaces are written", () => {
  for (const [text, words] of [
    ["", []],
    ["Hello, World 42!", ["hello", "world", "42"]],
    ["Äpfel naïve ﬁn", ["apfel", "naive", "fin"]],
    ["ΣΊΓΜΑΣ σίγμας", ["σιγμασ", "σιγμασ"]],
    ["snake_case e-mail", ["snake", "case", "e", "mail"]],
    ["東京都", ["東京", "京都"]],
    ["東", ["東"]],
    ["3月 ABC東京", ["3", "月", "abc", "東京"]],
    ["ｶﾀｶﾅ", ["カタ", "タカ", "カナ"]],
    ["안녕하세요", ["안녕", "녕하", "하세", "세요"]],
    ["𠀀𠀁𠀂", ["𠀀𠀁", "𠀁𠀂"]],
    ["\ud800 a", ["a"]],
    ["x".repeat(wordLengthMax), ["x".repeat(wordLengthMax)]],
    ["x".repeat(wordLengthMax + 1), ["x".repeat(wordLengthMax)]],
    ["𝼀".repeat(40), ["𝼀".repeat(32)]],
  ] as const) {
    assert.deepEqual(analyse(text), words, text);
  }
});

test("analysing words again changes nothing, and no word holds a blank", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const words = analyse(text);
      assert.deepEqual(analyse(words.join(" ")), words);
      for (const word of words) assert.match(word, /^[\p{L}\p{N}]+$/u);
    }),
    { seed: 11 },
  );
});

test("an address is found by its name, as a whole, by its words and by its domains", () => {
  for (const [text, tokens] of [
    [
      "Ann Smith <Ann.Smith@Mail.Example.com>",
      "ann smith ann.smith@mail.example.com ann smith mail example com @mail.example.com .mail.example.com .example.com .com",
    ],
    ["SMTP:bob@x.example", "bob@x.example bob x example @x.example .x.example .example"],
    ["Bob Müller", "bob muller"],
    ["/o=Org/cn=bob", "o org cn bob"],
    ['"a b"@x.example', '"ab"@x.example a b x example @x.example .x.example .example'],
    ["", ""],
  ] as const) {
    assert.equal(analyseAddress(text).join(" "), tokens, text);
  }
});

test("an address of any length or content gives bounded tokens without blanks", () => {
  const labels = (count: number) => Array.from({ length: count }, (_, index) => `l${index}`).join(".");
  const parents = (count: number) => analyseAddress(`a@${labels(count)}`).filter((token) => token.startsWith("."));
  assert.equal(parents(parentDomainsMax).length, parentDomainsMax);
  assert.equal(parents(parentDomainsMax + 1).length, parentDomainsMax);
  assert.equal(addressToken("a".repeat(addressLengthMax)).length, addressLengthMax);
  assert.equal(addressToken("a".repeat(addressLengthMax + 1)).length, addressLengthMax);
  assert.equal(domainToken("a".repeat(addressLengthMax), true).length, addressLengthMax);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, address) => {
      for (const token of analyseAddress(`${name} <${address}@${address}>`)) assert.doesNotMatch(token, /[\s\0]|^$/);
    }),
    { seed: 12 },
  );
});
