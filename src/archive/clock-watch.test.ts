import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { clockToleranceMs } from "./age.ts";
import { createClockWatch, jumpDoubtMs } from "./clock-watch.ts";

const start = Date.parse("2026-11-30T12:00:00Z");

/** A clock whose two hands are moved by hand, and a watch that was begun at `at`. */
function watched(at = start) {
  const hands = { wall: at, mono: 5_000 };
  const watch = createClockWatch({ now: () => hands.wall as Instant, elapsedMs: () => hands.mono });
  const pass = (ms: number, jumpMs = 0) => {
    hands.mono += ms;
    hands.wall += ms + jumpMs;
  };
  return { hands, watch, pass };
}

test("a clock that goes as it should is believed, however long", () => {
  const { watch, pass } = watched();
  for (let day = 0; day < 400; day += 1) {
    // A second a day is more than any clock drifts between two questions, and is no jump.
    pass(jumpDoubtMs, 1_000);
    assert.equal(watch.doubt(null), null);
  }
});

test("a jump in either direction leaves it in doubt for a day, and no longer", () => {
  for (const sign of [1, -1]) {
    const { watch, pass } = watched();
    pass(1_000, sign * (clockToleranceMs + 1));
    assert.equal(watch.doubt(null), "jumped");
    pass(jumpDoubtMs - 1);
    assert.equal(watch.doubt(null), "jumped");
    pass(1);
    assert.equal(watch.doubt(null), null);
  }
  const { watch, pass } = watched();
  pass(1_000, clockToleranceMs);
  assert.equal(watch.doubt(null), null);
});

test("it is in doubt while it is behind the archive, and before this program was made", () => {
  const { watch, hands } = watched();
  const [within, beyond] = [clockToleranceMs, clockToleranceMs + 1].map((ms) => (hands.wall + ms) as Instant);
  assert.deepEqual([watch.doubt(within!), watch.doubt(beyond!)], [null, "behind_archive"]);
  assert.equal(watched(Date.parse("1970-01-01T00:00:10Z")).watch.doubt(null), "before_release");
});
