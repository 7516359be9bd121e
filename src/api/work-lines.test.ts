import assert from "node:assert/strict";
import { test } from "node:test";
import type { Progress } from "#archive/index.ts";
import { Failure } from "#core/index.ts";
import { workLines } from "./work-lines.ts";

type Work = (report: (progress: Progress) => void) => Promise<unknown>;

function run(work: Work, signal = new AbortController().signal) {
  const failures: unknown[] = [];
  const lines = workLines(work, { signal, traceId: "t", onFailure: (error) => failures.push(error) });
  return { lines, failures };
}

async function all(lines: AsyncIterable<string>): Promise<unknown[]> {
  const got = [];
  for await (const text of lines) {
    assert.ok(text.endsWith("\n"));
    got.push(JSON.parse(text));
  }
  return got;
}

const step = (done: number): Progress => ({ done, total: 3, unit: "packs" });

test("the last line is the result", async () => {
  assert.deepEqual(await all(run(async () => ({ ok: true })).lines), [{ result: { ok: true } }]);
});

test("a slow reader gets the newest progress, and always the result", async () => {
  const { lines } = run(async (report) => {
    for (const done of [1, 2, 3]) report(step(done));
    return 7;
  });
  assert.deepEqual(await all(lines), [{ progress: step(3) }, { result: 7 }]);
});

test("a quick reader gets every step as it comes", async () => {
  let report: (progress: Progress) => void = () => {};
  let finish: (result: unknown) => void = () => {};
  const { lines } = run((tell) => {
    report = tell;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const first = lines.next();
  report(step(1));
  assert.deepEqual(JSON.parse((await first).value as string), { progress: step(1) });
  const second = lines.next();
  report(step(2));
  assert.deepEqual(JSON.parse((await second).value as string), { progress: step(2) });
  const last = lines.next();
  finish(0);
  assert.deepEqual(JSON.parse((await last).value as string), { result: 0 });
  assert.equal((await lines.next()).done, true);
});

test("a failure midway is the last line, in public words", async () => {
  const { lines, failures } = run(async (report) => {
    report(step(1));
    throw new Failure("PACK-DAMAGED", "never", "/secret is damaged", { publicText: "a pack is damaged" });
  });
  const [progress, last] = (await all(lines)) as [
    unknown,
    { problem: { code: string; detail: string; traceId: string } },
  ];
  assert.deepEqual(progress, { progress: step(1) });
  assert.deepEqual(
    [last.problem.code, last.problem.detail, last.problem.traceId],
    ["PACK-DAMAGED", "a pack is damaged", "t"],
  );
  assert.equal(failures.length, 1);
});

test("work that throws at once is told like any other", async () => {
  const { lines } = run(() => {
    throw new Failure("SEARCH-BROKEN", "later", "x", { publicText: "broken" });
  });
  assert.equal(((await all(lines)) as [{ problem: { code: string } }])[0].problem.code, "SEARCH-BROKEN");
});

test("when the server stops, the lines end with a problem while the work goes on", async () => {
  const stopping = new AbortController();
  const { lines } = run(() => new Promise(() => {}), stopping.signal);
  const rest = all(lines);
  stopping.abort();
  assert.equal(((await rest) as [{ problem: { code: string } }])[0].problem.code, "SERVER-STOPPING");
});
