import type { Found } from "./found.ts";
import { sourceKeyOf } from "./source-key.ts";

/** Longest name of an uploaded file in octets of UTF-8: what file systems take, with room. */
const nameBytesMax = 200;

/** The name of an uploaded file as one that any folder can have; what it ends in tells its kind and is kept. */
export function plainUploadName(given: string): string {
  const last = given.toWellFormed().replace(/^.*[/\\]/s, "");
  const clean = last.replace(/[\u0000-\u001f\u007f]/g, "_");
  if (clean === "" || clean === "." || clean === "..") return "upload";
  let kept = clean;
  while (Buffer.byteLength(kept) > nameBytesMax) kept = Array.from(kept).slice(1).join("");
  return kept;
}

/**
 * What was found in an uploaded file, told by the name that the person knows it by and not by where it was kept meanwhile.
 *
 * Its key is made of that name too, so that the same file uploaded again adds nothing.
 * @param folder real path of the folder that holds the file and nothing else
 */
export function asUploaded(found: Found, folder: string, name: string): Found {
  const shown = (text: string) => (text === folder ? name : text.replaceAll(`${folder}/`, ""));
  const where = { source: shown(found.source), label: shown(found.label) };
  if (found.kind === "variant") return { ...found, ...where };
  if (found.kind !== "message") return { ...found, ...where, reason: shown(found.reason) };
  return {
    ...found,
    ...where,
    folder: found.folder === null || found.folder === folder ? null : shown(found.folder),
    sourceKey: sourceKeyOf(Buffer.from(`upload\0${name}`), where.label, 0),
  };
}
