import assert from "node:assert/strict";
import { corpusFiles } from "../corpus.ts";

/** Where we read otherwise than an expectation that ships with the corpus: `file: what` and the reason why. */
export type Kept = Record<string, string>;

/** Compares readings with shipped expectations; what differs has to stand in a kept list, and what stands there has to differ. */
export interface Comparison {
  /** Compares one fact, named `file: what`. Throws when it differs and is not kept. */
  same(name: string, ours: unknown, theirs: unknown): void;
  /** Throws when fewer facts than `countMin` were compared, or a kept entry did not differ. */
  end(countMin: number): void;
}

/** A comparison against the list `kept`. */
export function comparison(kept: Kept): Comparison {
  let count = 0;
  const differing = new Set<string>();
  return {
    same(name, ours, theirs) {
      count += 1;
      if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
      differing.add(name);
      if (kept[name] === undefined) assert.deepEqual(ours, theirs, name);
    },
    end(countMin) {
      const settled = Object.keys(kept).filter((name) => !differing.has(name));
      assert.deepEqual(settled, [], "kept, though we agree or it was not compared");
      assert.ok(count >= countMin, `only ${count} facts were compared`);
    },
  };
}

/** The files of one corpus folder by their path within it. */
export function filesOf(folder: string): Map<string, Buffer> {
  return new Map([...corpusFiles(folder)].map(({ name, bytes }) => [name.slice(folder.length + 1), bytes]));
}
