import { join, relative } from "node:path";
import { Failure } from "#core/index.ts";

/** Longest path of a Unix socket in bytes that every system takes: macOS has 104 with the closing NUL, Linux 108. */
export const socketPathBytesMax = 103;

/**
 * The path under which to listen on or connect to the archive's own socket, `DIR/run/muniment.sock`.
 *
 * A path that is too long for a socket is given relative to the working directory. Throws `SOCKET-PATH` when that is too
 * long as well.
 * @param data absolute path of the archive's folder
 */
export function socketAddress(data: string, workingDirectory = process.cwd()): string {
  const path = join(data, "run", "muniment.sock");
  if (Buffer.byteLength(path) <= socketPathBytesMax) return path;
  const shorter = relative(workingDirectory, path);
  if (Buffer.byteLength(shorter) <= socketPathBytesMax) return shorter;
  throw new Failure("SOCKET-PATH", "never", `the path ${path} is too long for a socket; start from a folder near it`);
}
