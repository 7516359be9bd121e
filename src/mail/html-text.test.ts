import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { htmlToText } from "./html-text.ts";
import { textCharsMax } from "./limits.ts";

const documents: Record<string, [html: string, text: string]> = {
  "plain text": ["Hello", "Hello"],
  "inline elements within a word": ["<b>He</b>llo <i>you</i>", "Hello you"],
  "blocks on lines of their own": ["<p>a</p><div>b</div>c<br>d<h1>e</h1>", "a\nb\nc\nd\ne"],
  "cells apart": ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"],
  "white space": ["  a \r\n\t b&nbsp;c  ", "a b c"],
  entities: [
    "&lt;a&gt; &amp;amp; &#65;&#x42;&euro;&eacute;&copy &#150;&unknown; &#0; &#xD800;",
    "<a> &amp; AB€é© –&unknown; &#0; &#xD800;",
  ],
  "scripts and styles": ["a<script>if (a<b) c</script>b<STYLE>p{}</Style >c", "abc"],
  "an unclosed script": ["a<script>b", "a"],
  comments: ["a<!-- <p>b --> c<!---->d", "a cd"],
  declarations: ["<!DOCTYPE html><?xml version='1.0'?>a", "a"],
  "a greater-than sign in an attribute": ["<a title=\"x>y\" href='z>'>link</a>", "link"],
  "a quote that no attribute begins": ['<p "a>b</p>', "b"],
  "an unclosed attribute": ['<a title="x>link</a>', "link"],
  "less-than signs in text": ["1 < 2 <3 <", "1 < 2 <3 <"],
  "an unclosed tag": ["a <b", "a"],
  "unknown elements": ["<o:p>a</o:p><x-y>b</x-y>", "ab"],
  "a title": ["<html><head><title>T</title></head><body>b</body></html>", "T\nb"],
};

for (const [name, [html, text]] of Object.entries(documents)) {
  test(`reads ${name}`, () => assert.equal(htmlToText(html), text));
}

test("gives no more text than is kept", () => {
  assert.equal(htmlToText("a".repeat(textCharsMax)).length, textCharsMax);
  assert.equal(htmlToText("<p>" + "a".repeat(textCharsMax + 1)).length, textCharsMax);
});

const hostile = [
  "<",
  "<a ",
  '<a b="',
  "<a b='\"",
  "<!--",
  "<!-- >",
  "<script>",
  "&",
  "&#",
  "&amp",
  "</",
  "<p>",
  " ",
  "<div ",
  '= "',
  "<style></style ",
];
for (const piece of hostile) {
  test(`reads a million characters of ${JSON.stringify(piece)} in one pass`, { timeout: 60_000 }, () => {
    assert.ok(htmlToText(piece.repeat(Math.ceil(1_000_000 / piece.length))).length <= textCharsMax);
  });
}

test("reads anything that looks like HTML without throwing", () => {
  const pieces = fc.constantFrom(
    "<",
    ">",
    "<p",
    "</p>",
    "<!--",
    "-->",
    "<script",
    "</script>",
    "&",
    "&#x",
    ";",
    '"',
    "'",
    "=",
    " ",
    "a",
    "\ud800",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (list) => assert.ok(htmlToText(list.join("")).isWellFormed())),
  );
});
