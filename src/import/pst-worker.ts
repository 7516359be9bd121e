import { parentPort, workerData } from "node:worker_threads";
import { must } from "#core/index.ts";
import { storeItem } from "#outlook/index.ts";
import { connectCalls } from "#thread/index.ts";
import type { PstAnswer, PstWorkerData } from "./pst.ts";
import { loadPstLibrary } from "./pst-library.ts";
import { type PstFound, PstWalk } from "./pst-walk.ts";

// The thread that reads one PST file: what reads it is not ours and can be led in circles, so it is where it can be ended.
must(parentPort !== null, "a PST file is read in a thread");
const { path } = workerData as PstWorkerData;
let found: Generator<PstFound> | undefined;
let owner: string | null = null;

connectCalls(parentPort, {
  /** Opens the file and goes past so many things that were met before. */
  open: async (passed: number) => {
    const library = await loadPstLibrary();
    const walk = new PstWalk(library, new library.PSTFile(path));
    owner = walk.owner();
    found = walk.items();
    for (let index = 0; index < passed; index += 1) found.next();
  },
  next: async (): Promise<PstAnswer> => {
    must(found !== undefined, "a PST file is opened before it is read");
    const next = found.next();
    if (next.done) return { kind: "end" };
    const { folders } = next.value;
    if (next.value.kind === "unreadable") return next.value;
    const { node } = next.value;
    try {
      const { item, isPartial } = next.value.read();
      return { kind: "item", owner, folders, node, bytes: storeItem(item, isPartial) };
    } catch (error) {
      return { kind: "unreadable", folders, node, reason: String(error) };
    }
  },
});
