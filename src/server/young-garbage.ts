import { MiB } from "#core/index.ts";

/** Collected each time so many bytes went through. */
const everyBytes = 8 * MiB;

/**
 * Sees to it that buffers which mail passed through are given back while it passes.
 *
 * V8 counts what lies outside its heap only against a limit of 64 MiB, and then marks the whole heap; a collection of the
 * young generation, where these buffers are, takes about a millisecond. Without `--expose-gc`, which `bin/muniment` sets,
 * nothing is done, and nothing but memory is lost by it.
 *
 * @returns to be told of bytes that went through
 */
export function createYoungCollection(): (bytes: number) => void {
  const collect = globalThis.gc;
  let passed = 0;
  return (bytes) => {
    passed += bytes;
    if (collect === undefined || passed < everyBytes) return;
    passed = 0;
    void collect({ type: "minor", execution: "sync" });
  };
}
