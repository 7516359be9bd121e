import assert from "node:assert/strict";
import { test } from "node:test";
import type { PackEntry } from "#catalogue/index.ts";
import { type Instant, MiB, type PackId, type Sha256, timedId } from "#core/index.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { findRun, mergeBounds } from "./merge-plan.ts";

const entropy = createSimEntropy(1);

function packsOf(sizes: readonly number[]): PackEntry[] {
  return sizes.map((bytes, index) => {
    const pack = `pck_${timedId(1_000 + index, entropy.bytes(10))}` as PackId;
    return { pack, blob: "", bytes, sha256: "" as Sha256, createdAt: 0 as Instant };
  });
}

function runOf(sizes: readonly number[], messages: readonly number[] = []) {
  const packs = packsOf(sizes);
  const messagesIn = (id: PackId) => messages[packs.findIndex(({ pack }) => pack === id)] ?? 1;
  const run = findRun(packs, mergeBounds, () => false, messagesIn, entropy);
  if (run === undefined) return undefined;
  const first = packs.indexOf(run.sources[0]!);
  const [last, next] = [packs[first + run.sources.length - 1]!, packs[first + run.sources.length]!];
  assert.ok(last.pack < run.pack && run.pack < next.pack, "its id lies between the last of them and the next pack");
  return { first, count: run.sources.length };
}

test("eight packs and a newest one are merged, seven are not", () => {
  assert.deepEqual(runOf(Array(9).fill(1_000)), { first: 0, count: 8 });
  assert.equal(runOf(Array(8).fill(1_000)), undefined);
  assert.equal(runOf([]), undefined);
});

test("a merge makes a pack four times as long as the longest that goes in, or does not happen", () => {
  assert.deepEqual(runOf([...Array(8).fill(1_000), 100_000, 1_000]), { first: 0, count: 8 });
});

test("a long pack among short ones waits until there is enough beside it", () => {
  assert.equal(runOf([10 * MiB, ...Array(7).fill(MiB), 1]), undefined);
  assert.deepEqual(runOf([10 * MiB, ...Array(30).fill(MiB), 1]), { first: 0, count: 31 });
});

test("a pack of half the longest or more is left alone and ends a run", () => {
  const half = mergeBounds.packBytesMax / 2;
  assert.deepEqual(runOf([half, ...Array(9).fill(1_000)]), { first: 1, count: 8 });
  assert.equal(runOf([...Array(5).fill(1_000), half, ...Array(5).fill(1_000)]), undefined);
  assert.deepEqual(runOf([...Array(9).fill(half - 1)]), undefined);
});

test("a merged pack is no longer than the longest allowed, and of no more packs than allowed", () => {
  assert.deepEqual(runOf(Array(40).fill(7 * MiB)), { first: 0, count: 9 });
  assert.deepEqual(runOf(Array(400).fill(10)), { first: 0, count: mergeBounds.packsMax });
});

test("a merged pack holds no more messages than allowed, and one of half as many is left alone", () => {
  const tiny = Array(30).fill(1_000);
  const half = mergeBounds.messagesMax / 2;
  assert.deepEqual(runOf(tiny, Array(30).fill(half / 8)), { first: 0, count: 16 });
  assert.deepEqual(runOf(tiny, [half, ...Array(29).fill(1)]), { first: 1, count: 28 });
  assert.equal(runOf(tiny, Array(30).fill(half)), undefined);
  assert.equal(runOf(tiny.slice(0, 9), [half - 1, ...Array(8).fill(1)]), undefined);
});

test("packs that are to be left divide runs", () => {
  const packs = packsOf(Array(20).fill(1_000));
  const left = packs[4]!.pack;
  const run = findRun(
    packs,
    mergeBounds,
    (pack) => pack === left,
    () => 1,
    entropy,
  );
  assert.deepEqual(run?.sources, packs.slice(5, 19));
});
