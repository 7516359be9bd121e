import { test } from "node:test";
import { readMessage } from "#mail/index.ts";
import { comparison, filesOf, type Kept } from "./kept.ts";

const undisclosed = "words of the renderer's own, where the message names no recipient";
const noMessage = "the message of this text is not in the corpus";

const kept: Kept = {
  "950-japanese-chinese-1: message": noMessage,
  "950-japanese-chinese-2: message": noMessage,
  "1970-anchor: words": "a link broken by the renderer",
  "2135-korean: words": "words that the renderer joins to a link",
  "2458-encoding: words": undisclosed,
  "2518-encoding: words": undisclosed,
  "4925-japanese: words": undisclosed,
  "5231-emoji: words": "the renderer's words for a message without subject",
  "2765-korean: words": "encoded words that no blank divides from an address are decoded here, and not there",
  "6144-russian: words": "UTF-8 in an attribute of KOI8-R text, garbled by the renderer",
};

const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/** What the renderer adds to the words of a message: labels, the date in its own zone, sizes, targets of links. */
function withoutTrimmings(rendered: string): string {
  return rendered
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("Date: ") && !/^- .*, [\d,.]+ (bytes|KB|MB)$/.test(line))
    .join("\n")
    .replace(/^(From|To|Cc|Bcc|Subject):/gm, "")
    .replace(/ ?\([a-z]+:[^\s()]*\)?/g, " ");
}

test("finds every word that mailcore2 shows of mail in many languages", () => {
  const files = filesOf("multilingual-mailcore2");
  const { same, end } = comparison(kept);
  for (const [path, rendered] of files) {
    if (!path.startsWith("output/")) continue;
    const name = path.slice("output/".length, -".txt".length);
    const bytes = files.get(`input/${name}.eml`);
    same(`${name}: message`, bytes === undefined, false);
    if (bytes === undefined) continue;
    const { headers, text, parts } = readMessage(bytes);
    const people = [headers.from, headers.sender, headers.replyTo, headers.to, headers.cc, headers.bcc].flat();
    const found = new Set(
      [
        text,
        headers.subject,
        ...people.flatMap((person) => [person.name, person.address]),
        ...parts.flatMap(({ filenames }) => filenames),
      ].flatMap(wordsOf),
    );
    const missing = new Set(wordsOf(withoutTrimmings(rendered.toString())).filter((word) => !found.has(word)));
    same(`${name}: words`, [...missing], []);
  }
  end(80);
});
