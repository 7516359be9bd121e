import { isAscii, isUtf8 } from "node:buffer";
import iconv from "iconv-lite";

/** Text made of bytes, and how sure that is: `unknown` and `mismatch` mean that the charset was guessed. */
export interface CharsetReading {
  text: string;
  label: "fits" | "absent" | "unknown" | "mismatch";
}

/**
 * Decodes bytes by the charset that `label` names, and guesses only where there is none that can be used: UTF-8 if
 * the bytes are valid UTF-8, else windows-1252, which has a character for every byte. Never throws.
 *
 * Names are resolved as browsers do (WHATWG Encoding), beyond that by iconv-lite (UTF-7, DOS code pages).
 */
export function decodeCharset(bytes: Buffer, label: string | null): CharsetReading {
  const name = label === null ? "" : charsetName(label);
  if (name === "") return { text: guess(bytes), label: "absent" };
  if (asciiNames.has(name)) {
    return isAscii(bytes) ? { text: latin1(bytes), label: "fits" } : { text: guess(bytes), label: "mismatch" };
  }
  if (utf8Names.has(name)) {
    if (isAscii(bytes)) return { text: latin1(bytes), label: "fits" };
    return { text: utf8(bytes), label: isUtf8(bytes) ? "fits" : "mismatch" };
  }
  const decode = decoderOf(name);
  if (decode === null) return { text: guess(bytes), label: "unknown" };
  try {
    return { text: decode(bytes), label: "fits" };
  } catch {
    return { text: guess(bytes), label: "mismatch" };
  }
}

/** Raw header bytes as text: UTF-8 (RFC 6532), else windows-1252. */
export function decodeUnlabelled(bytes: Buffer): string {
  return guess(bytes);
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

function guess(bytes: Buffer): string {
  if (isAscii(bytes)) return latin1(bytes);
  return isUtf8(bytes) ? utf8(bytes) : decoderOf("windows-1252")!(bytes);
}

function latin1(bytes: Buffer): string {
  return bytes.toString("latin1");
}

function utf8(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", hasMark ? 3 : 0);
}
