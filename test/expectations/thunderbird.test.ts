import { test } from "node:test";
import { htmlToText, readMessage } from "#mail/index.ts";
import { comparison, filesOf, type Kept } from "./kept.ts";

const kept: Kept = {
  "mailnews-data/multipart-complex2: text":
    "a boundary line of the outermost multipart ends all within it (RFC 2046 §5.1.2); the words expected are in its text",
};

test("reads the words that Thunderbird expects, as text, as HTML, or as HTML with its tags taken off", () => {
  const files = filesOf("mime-thunderbird");
  const { same, end } = comparison(kept);
  for (const [path, bytes] of files) {
    if (!path.endsWith(".out")) continue;
    const name = path.slice(0, -".out".length);
    const { plain, html, text } = readMessage(files.get(name)!);
    const expected = bytes.toString().replaceAll("\r\n", "\n").trim();
    const views = [plain, html, html === null ? null : htmlToText(html)].map((view) => view?.trim() ?? "");
    same(`${name}: text`, views.includes(expected) ? expected : views, expected);
    const words = (html === null || plain !== null ? expected : htmlToText(expected)).replace(/\s+/g, " ");
    same(`${name}: searchable`, text.replace(/\s+/g, " ").includes(words), true);
  }
  end(34);
});
