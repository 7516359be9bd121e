import { filenameBytesMax, filenamesMax } from "./limits.ts";
import { type Parameter, parameterValues } from "./parameters.ts";

/** The names of a part: the one to display, null when there is none that can be, and all as given, decoded. */
export interface Filenames {
  display: string | null;
  all: string[];
  isUnsafe: boolean;
  /** Whether the names end differently, as where a program poses as a document. */
  isConflict: boolean;
}

/**
 * Every name that Content-Disposition (`filename` in all forms) and Content-Type (`name`) give a part, the most
 * telling first.
 *
 * @see RFC 2183 §2.3, RFC 2231, RFC 6266 §4.3 for the order
 */
export function readFilenames(disposition: readonly Parameter[], type: readonly Parameter[]): Filenames {
  if (disposition.length === 0 && type.length === 0)
    return { display: null, all: [], isUnsafe: false, isConflict: false };
  const given = [...parameterValues(disposition, "filename"), ...parameterValues(type, "name")];
  const all = [...new Set(given.filter((name) => name !== ""))].slice(0, filenamesMax);
  const safe = all.map(safeFilename);
  return {
    display: safe.find((name) => name !== "") ?? null,
    all,
    isUnsafe: safe.some((name, index) => name !== all[index]!.trim()),
    isConflict: new Set(all.map((name) => extensionOf(name).toLowerCase())).size > 1,
  };
}

/**
 * A name without what may lead astray: path separators, leading dots, control and direction characters; at most 255
 * bytes of UTF-8, the extension kept. May be empty.
 */
export function safeFilename(name: string): string {
  const cleaned = name
    .slice(0, 64 * filenameBytesMax)
    .replace(/[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, "")
    .replace(/[/\\]/g, "")
    .toWellFormed()
    .trim()
    .replace(/^[. ]+/, "");
  if (Buffer.byteLength(cleaned) <= filenameBytesMax) return cleaned;
  const extension = extensionOf(cleaned);
  return cutToBytes(cleaned, filenameBytesMax - Buffer.byteLength(extension)) + extension;
}

/** The extension with its dot, or nothing; what is longer than 16 characters is no extension. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 1 || name.length - dot > 16 ? "" : name.slice(dot);
}

function cutToBytes(text: string, bytesMax: number): string {
  let cut = text.slice(0, bytesMax);
  while (Buffer.byteLength(cut) > bytesMax) cut = cut.slice(0, -1);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
