import { isAscii, isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { guessCharset } from "./charset-guess.ts";

/** Text made of bytes, and how sure that is: `unknown` and `mismatch` mean that the charset was guessed. */
export interface CharsetReading {
  text: string;
  label: "fits" | "absent" | "unknown" | "mismatch";
  /** The same bytes as UTF-8, where they are valid UTF-8 though another charset is named; else null. */
  asUtf8: string | null;
}

/**
 * Decodes bytes by the charset that `label` names, and guesses only where there is none that can be used: ISO-2022-JP by
 * its escapes, UTF-8 if the bytes are valid UTF-8, then the charset of `hint` if they fit it, then what their writing
 * looks like, else windows-1252, which has a character for every byte. Never throws.
 *
 * Names are resolved as browsers do (WHATWG Encoding), beyond that by iconv-lite (UTF-7, DOS code pages).
 *
 * @param hint a charset that the message names elsewhere, null when there is none
 */
export function decodeCharset(bytes: Buffer, label: string | null, hint: string | null = null): CharsetReading {
  const name = label === null ? "" : charsetName(label);
  const guessed = (why: CharsetReading["label"]) => ({ text: guess(bytes, hint), label: why, asUtf8: null });
  if (name === "") return guessed("absent");
  if (asciiNames.has(name) || utf8Names.has(name)) {
    if (isAscii(bytes)) return hasJapaneseEscape(bytes) ? guessed("mismatch") : fitting(latin1(bytes));
    if (asciiNames.has(name)) return guessed("mismatch");
    return { text: utf8(bytes), label: isUtf8(bytes) ? "fits" : "mismatch", asUtf8: null };
  }
  const decode = decoderOf(name);
  if (decode === null) return guessed("unknown");
  try {
    const isAlsoUtf8 = !name.startsWith("utf-") && !isAscii(bytes) && isUtf8(bytes);
    return { text: decode(bytes), label: "fits", asUtf8: isAlsoUtf8 ? utf8(bytes) : null };
  } catch {
    return guessed("mismatch");
  }
}

/** Raw header bytes as text: UTF-8 (RFC 6532), else by {@link decodeCharset}'s guess. */
export function decodeUnlabelled(bytes: Buffer, hint: string | null): string {
  return guess(bytes, hint);
}

function fitting(text: string): CharsetReading {
  return { text, label: "fits", asUtf8: null };
}

const asciiNames = new Set(["us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us"]);
const utf8Names = new Set(["utf-8", "utf8", "unicode-1-1-utf-8"]);
/** Labels that mail uses and the WHATWG list lacks. */
const aliases = new Map([
  ["cp932", "shift_jis"],
  ["ms932", "shift_jis"],
  ["cp936", "gbk"],
  ["ms936", "gbk"],
  ["cp949", "euc-kr"],
  ["cp950", "big5"],
  ["utf7", "utf-7"],
  ["unicode-1-1-utf-7", "utf-7"],
]);
/** iconv-lite calls these encodings too, but they are no charsets. */
const notCharsets = new Set(["base64", "hex", "binary", "internal", "utf7imap", "utf-7-imap"]);

type Decode = (bytes: Buffer) => string;
/** Found decoders by name. Only names that resolve are kept, so senders cannot make it grow. */
const decoderByName = new Map<string, Decode>();

function decoderOf(name: string): Decode | null {
  const known = decoderByName.get(name);
  if (known !== undefined) return known;
  const decode = webDecoder(name) ?? iconvDecoder(name);
  if (decode !== null) decoderByName.set(name, decode);
  return decode;
}

function webDecoder(name: string): Decode | null {
  try {
    const decoder = new TextDecoder(name);
    return (bytes) => decoder.decode(bytes);
  } catch {
    return null;
  }
}

function iconvDecoder(name: string): Decode | null {
  if (notCharsets.has(name) || !iconv.encodingExists(name)) return null;
  return (bytes) => iconv.decode(bytes, name);
}

/** A label without quotes, language tag (RFC 2231 §5) and stray signs, lower-cased. */
function charsetName(label: string): string {
  const name = label
    .slice(0, 100)
    .toLowerCase()
    .replace(/\*.*$/s, "")
    .replace(/[^a-z0-9_.:()+-]/g, "");
  return aliases.get(name) ?? name;
}

function guess(bytes: Buffer, hint: string | null): string {
  if (isAscii(bytes)) return hasJapaneseEscape(bytes) ? decoderOf("iso-2022-jp")!(bytes) : latin1(bytes);
  if (isUtf8(bytes)) return utf8(bytes);
  return byCharset(bytes, hint) ?? byCharset(bytes, guessCharset(bytes)) ?? decoderOf("windows-1252")!(bytes);
}

/** RFC 1468: what switches to JIS X 0208, in the form of 1978 or 1983. No other text has it. */
function hasJapaneseEscape(bytes: Buffer): boolean {
  return bytes.includes("\x1b$B") || bytes.includes("\x1b$@");
}

/** By this charset, where it is known and all of the bytes fit it; else null. */
function byCharset(bytes: Buffer, label: string | null): string | null {
  const decode = label === null ? null : decoderOf(charsetName(label));
  if (decode === null) return null;
  try {
    const text = decode(bytes);
    return text.includes("\ufffd") ? null : text;
  } catch {
    return null;
  }
}

function latin1(bytes: Buffer): string {
  return bytes.toString("latin1");
}

function utf8(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", hasMark ? 3 : 0);
}
