import { realpath } from "node:fs/promises";
import { normalize } from "node:path";
import { Failure } from "#core/index.ts";

/**
 * The real path of a file or folder that may be imported: it lies in one of `folders`, or is one.
 *
 * A path outside is refused by its letters, before the disk is asked, so that nobody learns what lies elsewhere; and again
 * by its real path, so that no symbolic link leads out. May be repeated.
 * @param path absolute, without `.` and `..`
 * @param folders absolute paths that the operator named
 * @param own the archive's own folder, which nothing is imported from and nothing around it
 * @throws `IMPORT-PATH`
 */
export async function allowedPath(path: string, folders: readonly string[], own: string): Promise<string> {
  if (folders.length === 0)
    throw refused("this server reads no folders of its own; start it with --import-folder DIR to allow one");
  const isPlain = path.startsWith("/") && !path.includes("\0") && normalize(path).replace(/\/$/, "") === bare(path);
  if (!isPlain) throw refused("the path must be absolute, and have no . or .. in it");
  const named = folders.filter((folder) => isWithin(bare(path), bare(folder)));
  if (named.length === 0) throw refused("the path is in no folder that this server was allowed to read");
  const real = await realOf(path);
  if (real === null) throw refused("there is no such file or folder, or the server has no permission to read it");
  const roots = await Promise.all(named.map(realOf));
  if (!roots.some((root) => root !== null && isWithin(real, root)))
    throw refused("the path leads out of the folder that this server was allowed to read");
  const ownReal = (await realOf(own)) ?? own;
  if (isWithin(real, ownReal) || isWithin(ownReal, real))
    throw refused("the path has the archive's own folder in it, or lies there");
  return real;
}

/** Whether `path` is `folder` or lies below it; both without a slash at the end. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

function bare(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

function realOf(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}

function refused(reason: string): Failure {
  return new Failure("IMPORT-PATH", "never", reason, { effect: "nothing was imported" });
}
