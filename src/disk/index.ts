/**
 * The file system, reduced to operations that are durable when they resolve.
 *
 * It knows paths and bytes, nothing of mail. `real.ts` is the only file outside `server/` and `cli/` that may use
 * `node:fs` for data that must last.
 */
export type { AppendSegment, ByteRange, Bytes, Disk, ReadAt } from "./disk.ts";
