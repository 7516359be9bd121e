import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

/** Nice value of a thread before and after it steps back twice. */
function steps(): Promise<number[]> {
  const module = new URL("./thread-priority.ts", import.meta.url).href;
  const code = `
    const { readlinkSync } = require("node:fs");
    const { getPriority } = require("node:os");
    const { parentPort } = require("node:worker_threads");
    const nice = () => getPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)));
    import(${JSON.stringify(module)}).then(({ stepBack }) => {
      const values = [nice()];
      for (let step = 0; step < 2; step += 1) {
        stepBack();
        values.push(nice());
      }
      parentPort.postMessage(values);
    });`;
  return new Promise((resolve, reject) => {
    new Worker(code, { eval: true }).once("message", resolve).once("error", reject);
  });
}

test("a thread steps back from where it is, as far as there is room, and alone", async () => {
  const before = getPriority(process.pid);
  const [first, second, third] = await steps();
  assert.deepEqual([first, second, third], [before, Math.min(19, before + 10), Math.min(19, before + 20)]);
  assert.equal(getPriority(process.pid), before);
});
