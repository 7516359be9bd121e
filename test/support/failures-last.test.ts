import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { testFolder } from "./folder.ts";

const reporter = fileURLToPath(new URL("failures-last.ts", import.meta.url));

/** What the reporter prints of a run of `source`, and how the run ended. */
function ranWith(source: string, folder: string): { lines: string[]; status: number | null } {
  writeFileSync(join(folder, "sample.test.mjs"), source);
  // A run inside of a run tells its parent by this variable, in a form that is no report.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const { stdout, status } = spawnSync(process.execPath, ["--test", `--test-reporter=${reporter}`, "sample.test.mjs"], {
    ...{ cwd: folder, env: environment, encoding: "utf8" },
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}

test("a failed run ends with a line for each failed test, which says what differed", (context) => {
  const { lines, status } = ranWith(
    `import assert from "node:assert/strict";
import { test } from "node:test";
test("sound", () => {});
test("whole", async (context) => {
  await context.test("part", () => assert.deepEqual({ kept: 1 }, { kept: 2 }));
});
test("word", () => { throw new Error("the server is gone"); });
`,
    testFolder(context),
  );
  assert.equal(status, 1);
  const [part, word] = lines.slice(-2);
  assert.match(part ?? "", /^failed: sample\.test\.mjs:5 · part · Expected values .*kept: 1.*kept: 2/);
  assert.equal(word, "failed: sample.test.mjs:7 · word · the server is gone");
  assert.ok(lines.includes("ℹ fail 3"), lines.join("\n"));
});

test("a run without failures ends with the summary", (context) => {
  const { lines, status } = ranWith(
    `import { test } from "node:test";\ntest("sound", () => {});\n`,
    testFolder(context),
  );
  assert.equal(status, 0);
  assert.match(lines.at(-1) ?? "", /^ℹ duration_ms /);
});
