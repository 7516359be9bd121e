import { MiB } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { createPassingDisk, createRealDisk } from "../disk/real.ts";

/** Collected each time so many bytes were read or written, unless told otherwise. */
const everyBytesUsual = 8 * MiB;

/**
 * The real disk, for a thread that mail passes through: what reading and writing leave behind is given back while they go on.
 *
 * V8 counts what lies outside its heap only against a limit of 64 MiB, and then marks the whole heap; a collection of the
 * young generation, where these buffers are, takes about a millisecond. Without `--expose-gc`, which `bin/muniment` sets,
 * nothing is done, and nothing but memory is lost by it.
 */
export function createBusyDisk(everyBytes = everyBytesUsual): Disk {
  const collect = globalThis.gc;
  if (collect === undefined) return createRealDisk();
  let passed = 0;
  return createPassingDisk((bytes) => {
    passed += bytes;
    if (passed < everyBytes) return;
    passed = 0;
    void collect({ type: "minor", execution: "sync" });
  });
}
