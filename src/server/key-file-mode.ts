import { statSync } from "node:fs";
import type { DataFolder } from "./data-folder.ts";

/** Permissions of everyone but the owner. */
const othersBits = 0o077;

/** What to tell an operator whose key file others may read; undefined when only its owner can, or there is none. */
export function keyFileWarning(folder: DataFolder): string | undefined {
  const mode = statSync(folder.keyFile, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & othersBits) === 0) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `the key file ${folder.keyFile} has mode ${octal}, so others may read it; run: chmod 600 ${folder.keyFile}`;
}
