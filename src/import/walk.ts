import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { isReadFault, readFault } from "./files.ts";
import type { Found } from "./found.ts";

/** A file met on the way. Paths are octets, since names on disk need not be UTF-8. */
export interface FoundFile {
  kind: "file";
  path: Buffer;
  /** Its own name, decoded as far as it is UTF-8. */
  name: string;
  size: number;
  /** Where a Maildir keeps it: the Maildir, and the name without flags, which stays when the mail is read or flagged. */
  maildir: { root: Buffer; name: Buffer } | null;
}

/**
 * Every file below `paths`, folder by folder, names in byte order; and what could not be entered.
 *
 * A path itself may be a symbolic link; below it links are not followed, so that no loop and no surprise is possible.
 */
export async function* walk(paths: readonly string[]): AsyncIterable<FoundFile | Exclude<Found, { kind: "message" }>> {
  for (const path of paths) {
    let real: Buffer;
    try {
      real = await realpath(path, { encoding: "buffer" });
    } catch (error) {
      yield { kind: "unreadable", source: path, label: path, reason: readFault(error) };
      continue;
    }
    yield* walkFrom(real);
  }
}

async function* walkFrom(root: Buffer): AsyncIterable<FoundFile | Exclude<Found, { kind: "message" }>> {
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    try {
      const facts = await lstat(path);
      if (facts.isDirectory()) {
        if (await isUndelivered(path)) {
          yield { ...at(path), kind: "ignored", reason: "mail that a Maildir had not yet delivered" };
          continue;
        }
        const names = await readdir(path, { encoding: "buffer" });
        names.sort(Buffer.compare).reverse();
        for (const name of names) waiting.push(joined(path, name));
      } else if (facts.isFile()) {
        yield { kind: "file", path, name: String(nameOf(path)), size: facts.size, maildir: await maildirOf(path) };
      } else {
        const reason = facts.isSymbolicLink() ? "a symbolic link, which is not followed" : "not a regular file";
        yield { ...at(path), kind: "ignored", reason };
      }
    } catch (error) {
      if (!isReadFault(error)) throw error;
      yield { ...at(path), kind: "unreadable", reason: readFault(error) };
    }
  }
}

/** What is met on the way belongs to the folder it lies in. */
function at(path: Buffer): { source: string; label: string } {
  return { source: String(parentOf(path)), label: String(path) };
}

/** The Maildir that delivered a file: a folder with `cur` and `new`, in one of which the file lies. */
async function maildirOf(path: Buffer): Promise<FoundFile["maildir"]> {
  const folder = parentOf(path);
  const folderName = String(nameOf(folder));
  if (folderName !== "cur" && folderName !== "new") return null;
  const root = parentOf(folder);
  if (!(await isMaildir(root))) return null;
  const name = nameOf(path);
  const flags = name.toString("latin1").search(/[:;!]2,[^/]*$/);
  return { root, name: flags === -1 ? name : name.subarray(0, flags) };
}

async function isUndelivered(folder: Buffer): Promise<boolean> {
  return String(nameOf(folder)) === "tmp" && (await isMaildir(parentOf(folder)));
}

async function isMaildir(root: Buffer): Promise<boolean> {
  const asked = ["cur", "new"].map((name) => stat(joined(root, Buffer.from(name))).catch(() => undefined));
  return (await Promise.all(asked)).every((facts) => facts?.isDirectory());
}

const slash = 0x2f;

function joined(folder: Buffer, name: Buffer): Buffer {
  const separator = folder.at(-1) === slash ? "" : "/";
  return Buffer.concat([folder, Buffer.from(separator), name]);
}

function nameOf(path: Buffer): Buffer {
  return path.subarray(path.lastIndexOf(slash) + 1);
}

function parentOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(1, path.lastIndexOf(slash)));
}
