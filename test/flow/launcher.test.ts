import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** The flags with which `bin/muniment` starts Node.js. */
function launchFlags(): string[] {
  const script = readFileSync(new URL("../../bin/muniment", import.meta.url), "utf8");
  const flags = /^flags="([^"]*)"$/m.exec(script)?.[1];
  assert.ok(flags !== undefined, "bin/muniment names its flags");
  return flags.split(" ");
}

test("a thread that reads hostile files keeps its own limit of memory under the launcher's flags", () => {
  const limitMiB = 256;
  const worker = `const { getHeapStatistics } = require("node:v8");
    require("node:worker_threads").parentPort.postMessage(getHeapStatistics().heap_size_limit);`;
  const program = `const { Worker } = require("node:worker_threads");
    const resourceLimits = { maxOldGenerationSizeMb: ${limitMiB} };
    new Worker(${JSON.stringify(worker)}, { eval: true, resourceLimits }).on("message", (bytes) => console.log(bytes));`;
  const told = execFileSync(process.execPath, [...launchFlags(), "-e", program], { encoding: "utf8" });
  // The young generation comes on top of it.
  assert.ok(Number(told) < 2 * limitMiB * 2 ** 20, told);
});
