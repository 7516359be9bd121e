import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgress, stepText } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** A terminal that keeps what is drawn, and a clock that is set by hand. */
function drawn(kind: Terminal["progress"]) {
  const pieces: string[] = [];
  let time = 0;
  const terminal = { progress: kind, raw: (text: string) => void pieces.push(text) } as Terminal;
  const progress = createProgress(terminal, "import", () => time);
  const show = (atMs: number, done: number) => {
    time = atMs;
    progress.show({ done, total: 10, unit: "messages" });
  };
  return { pieces, progress, show };
}

test("away from a terminal a line comes every ten seconds", () => {
  const { pieces, progress, show } = drawn("lines");
  for (const [at, done] of [
    [0, 0],
    [9_999, 1],
    [10_000, 2],
    [19_999, 3],
    [20_000, 4],
  ] as const) {
    show(at, done);
  }
  progress.end();
  assert.equal(pieces.length, 2);
  assert.match(pieces[0]!, /^import .* 2\/10 messages.*\n$/);
  assert.match(pieces[1]!, / 4\/10 messages/);
});

test("on a terminal the line is redrawn at most ten times a second, and its last state stays", () => {
  const { pieces, progress, show } = drawn("redraw");
  for (const [at, done] of [
    [0, 0],
    [99, 1],
    [100, 2],
    [150, 10],
  ] as const) {
    show(at, done);
  }
  assert.equal(pieces.length, 2);
  progress.end();
  assert.match(pieces.slice(2).join(""), /^\r\u001b\[Kimport {2}█{20} {2}10\/10 .*\n$/);
});

test("when quiet nothing is shown", () => {
  const { pieces, progress, show } = drawn(null);
  show(100_000, 5);
  progress.end();
  assert.deepEqual(pieces, []);
});

test("a step tells count, rate and time left as far as they are known", () => {
  assert.equal(
    stepText("verify", { done: 1500, total: 6000, unit: "messages" }, 3000),
    "verify  █████░░░░░░░░░░░░░░░  1,500/6,000 messages  500/s  00:09 left",
  );
  assert.equal(stepText("import", { done: 0, total: null, unit: "messages" }, 0), "import  0 messages");
  assert.equal(
    stepText("verify", { done: 0, total: 0, unit: "messages" }, 5),
    `verify  ${"█".repeat(20)}  0/0 messages`,
  );
});
