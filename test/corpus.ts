import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** One message, or whatever else a corpus file holds. */
export interface CorpusFile {
  /** Path within the corpus; members of a tar are `folder/archive.tar.gz!member`. */
  name: string;
  bytes: Buffer;
}

/** Where the corpus of real mail lies: `MUNIMENT_CORPUS`, else `../shared/corpus` beside the project. */
export const corpusFolder = resolve(process.env.MUNIMENT_CORPUS ?? join(import.meta.dirname, "../../shared/corpus"));

/** One file of the corpus. Throws, naming the variable to set, when the corpus is not there. */
export function corpusFile(name: string): Buffer {
  requireCorpus();
  return readFileSync(join(corpusFolder, name));
}

/** Every file in the folders whose names begin with one of `prefixes`, members of `*.tar.gz` unpacked, in name order. */
export function* corpusFiles(...prefixes: string[]): Generator<CorpusFile> {
  requireCorpus();
  const folders = readdirSync(corpusFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && prefixes.some((prefix) => entry.name.startsWith(prefix)))
    .map(({ name }) => name);
  for (const folder of folders.sort()) {
    for (const entry of readdirSync(join(corpusFolder, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(corpusFolder.length + 1);
      if (name.endsWith(".tar.gz")) yield* tarMembers(name, readFileSync(path));
      else yield { name, bytes: readFileSync(path) };
    }
  }
}

function requireCorpus(): void {
  if (existsSync(join(corpusFolder, "README.md"))) return;
  throw new Error(`no test corpus at ${corpusFolder}: set MUNIMENT_CORPUS to the folder that holds it`);
}

/** The regular files of a gzipped tar (POSIX ustar; the names need no extension headers). */
function* tarMembers(name: string, packed: Buffer): Generator<CorpusFile> {
  const tar = gunzipSync(packed);
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (start: number, length: number) =>
      tar.toString("latin1", at + start, at + start + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(124, 12).trim(), 8);
    const isFile = text(156, 1) === "0" || text(156, 1) === "";
    if (isFile) yield { name: `${name}!${text(0, 100)}`, bytes: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
