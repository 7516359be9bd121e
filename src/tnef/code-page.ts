import { decodeCharset } from "#mail/index.ts";

/** Text in a Windows code page; one that is not known is guessed as mail's charsets are. Never throws. */
export function decodeCodePage(bytes: Buffer, page: number | null): string {
  return decodeCharset(bytes, page === null ? null : nameOf(page)).text;
}

const names: Readonly<Record<number, string>> = {
  1200: "utf-16le",
  10000: "macintosh",
  20127: "windows-1252",
  20866: "koi8-r",
  21866: "koi8-u",
  50220: "iso-2022-jp",
  50221: "iso-2022-jp",
  51932: "euc-jp",
  51949: "euc-kr",
  54936: "gb18030",
  65000: "utf-7",
  65001: "utf-8",
};

function nameOf(page: number): string {
  const known = names[page];
  if (known !== undefined) return known;
  if (page >= 28591 && page <= 28606) return `iso-8859-${page - 28590}`;
  return page >= 1250 && page <= 1258 ? `windows-${page}` : `cp${page}`;
}

/** UTF-16LE text up to its first NUL. */
export function decodeUtf16(bytes: Buffer): string {
  return untilNul(bytes.toString("utf16le")).toWellFormed();
}

/** What stands before the first NUL. */
export function untilNul(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
