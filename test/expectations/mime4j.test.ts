import { test } from "node:test";
import { decodePart, type MailPart, readMessage } from "#mail/index.ts";
import { comparison, filesOf, type Kept } from "./kept.ts";

const noPlace = "parts of an encoded message have no place in the bytes; their text is read all the same";
const blankEnd = "blanks that end a boundary are forbidden (RFC 2046 §5.1.1), and not counted";
const looseHyphens = "a delimiter line with words behind the boundary is text";
const longBoundary = "a boundary of 7,000 bytes is not honoured";
const junk = "characters behind the data are base64 too, and are decoded as far as they go";
const strayKept = "a line of the header that is no field is shown where it stands, not left out";
const strayBetween = "a line that is no field, with a field behind it, stands in the header; its text is searched too";
const blankLine = "a line of blanks before text ends the header, so the body begins behind it";
const noHeader = "text where a header should be is the body from its first line";

const file = "a uuencoded file in a text is a part of its own behind it";

const kept: Kept = {
  "mimetools-testmsgs/sig-uu: tree": file,
  "mimetools-testmsgs/sig-uu: headers": file,
  "mimetools-testmsgs/sig-uu: bodies": file,
  "mimetools-testmsgs/uu-junk: tree": file,
  "mimetools-testmsgs/uu-junk: headers": file,
  "mimetools-testmsgs/uu-junk: bodies": file,
  "mimetools-testmsgs/uu-zeegee: tree": file,
  "mimetools-testmsgs/uu-zeegee: headers": file,
  "mimetools-testmsgs/uu-zeegee: bodies": file,
  "mimetools-testmsgs/multi-2gifs-base64: tree": noPlace,
  "mimetools-testmsgs/multi-2gifs-base64: headers": noPlace,
  "mimetools-testmsgs/multi-2gifs-base64: bodies": noPlace,
  "testmsgs/bad-newlines-multiple-parts-base64: tree": noPlace,
  "testmsgs/bad-newlines-multiple-parts-base64: headers": noPlace,
  "testmsgs/bad-newlines-multiple-parts-base64: bodies": noPlace,
  "testmsgs/base64encoded-rfc822message-nested: tree": noPlace,
  "testmsgs/base64encoded-rfc822message-nested: headers": noPlace,
  "testmsgs/base64encoded-rfc822message-nested: bodies": noPlace,
  "testmsgs/base64encoded-rfc822message: tree": noPlace,
  "testmsgs/base64encoded-rfc822message: headers": noPlace,
  "testmsgs/base64encoded-rfc822message: bodies": noPlace,
  "testmsgs/ending-boundaries: tree": looseHyphens,
  "testmsgs/ending-boundaries: headers": looseHyphens,
  "testmsgs/ending-boundaries: bodies": looseHyphens,
  "testmsgs/very-long-boundary: tree": blankEnd,
  "testmsgs/very-long-boundary: headers": blankEnd,
  "testmsgs/very-long-boundary: bodies": blankEnd,
  "testmsgs/weird-boundary: tree": blankEnd,
  "testmsgs/weird-boundary: headers": blankEnd,
  "testmsgs/weird-boundary: bodies": blankEnd,
  "testmsgs/very-very-long-boundary: tree": longBoundary,
  "testmsgs/very-very-long-boundary: headers": longBoundary,
  "testmsgs/very-very-long-boundary: bodies": longBoundary,
  "testmsgs/malformedHeader-nocrlfcrlf: headers": strayKept,
  "testmsgs/obsolete: headers": strayKept,
  "testmsgs/malformedHeaderStartsBody-nocrlfcrlf: headers": strayBetween,
  "testmsgs/malformedHeaderStartsBody-nocrlfcrlf: bodies": strayBetween,
  "testmsgs/malformedHeader-noheader: bodies": noHeader,
  "testmsgs/malformedHeaderStartsBody-noheader: bodies": noHeader,
  "testmsgs/basic-plain-with-bad-header-separator: bodies": blankLine,
  "mimetools-testmsgs/hdr-fakeout: bodies": blankLine,
  "mimetools-testmsgs/frag: bodies": junk,
  "mimetools-testmsgs/multi-frag: bodies": junk,
};

/** The tree as signs, in order of position. */
const signs = { message: "(message) ", multipart: "(multipart) ", body: "leaf " };

function signOf({ type, isContainer }: MailPart): string {
  if (!isContainer) return signs.body;
  return type.startsWith("multipart/") ? signs.multipart : signs.message;
}

const lf = (text: string): string => text.replace(/\r+\n|\r/g, "\n");
const plain = (xml: string): string =>
  xml.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

test("sees the trees, headers and decoded bodies that mime4j sees", () => {
  const files = filesOf("mime-mime4j");
  const { same, end } = comparison(kept);
  for (const [path, bytes] of files) {
    if (!path.endsWith(".msg")) continue;
    const name = path.slice(0, -".msg".length);
    const { parts } = readMessage(bytes);
    const xml = lf(files.get(`${name}.xml`)!.toString("latin1"));
    const tags = [...xml.matchAll(/<(message|multipart|body)>/g)].map(([, tag]) => signs[tag as keyof typeof signs]);
    same(`${name}: tree`, parts.map(signOf).join(""), tags.slice(1).join(""));
    const headers = [...xml.matchAll(/<header>([\s\S]*?)<\/header>/g)].map(([, header]) =>
      [...header!.matchAll(/<field>\n([\s\S]*?)<\/field>/g)].map(([, field]) => plain(field!)).join("\n"),
    );
    const ours = parts.map(({ header }) => lf(bytes.toString("latin1", header.start, header.end)).trimEnd());
    same(
      `${name}: headers`,
      ours,
      headers.map((header) => header.trimEnd()),
    );
    const dumps = [
      ...files
        .get(`${name}_decoded.xml`)!
        .toString("latin1")
        .matchAll(/-body name="([^"]+)"/g),
    ];
    const folder = name.slice(0, name.lastIndexOf("/") + 1);
    same(
      `${name}: bodies`,
      parts
        .filter((part) => !part.isContainer)
        .map((part) => lf(Buffer.from(decodePart(bytes, part)).toString("latin1"))),
      dumps.map(([, dump]) => lf(files.get(folder + dump)!.toString("latin1"))),
    );
  }
  end(240);
});
