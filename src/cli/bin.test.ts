import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

/** A copy of an installation with the real `bin/muniment` and a `node` that prints what it is started with. */
async function installation(t: TestContext, files: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "muniment bin-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "bin"));
  await copyFile(fileURLToPath(new URL("../../bin/muniment", import.meta.url)), join(root, "bin/muniment"));
  for (const file of files) {
    await mkdir(join(root, file, ".."), { recursive: true });
    await writeFile(join(root, file), '#!/bin/sh\necho "$$"\nfor word; do echo "$word"; done\nexit 7\n');
    await chmod(join(root, file), 0o755);
  }
  return root;
}

function started(
  path: string,
  words: string[] = [],
): Promise<{ pid: number | undefined; code: unknown; lines: string[] }> {
  return new Promise((resolve) => {
    const child = execFile(path, words, (error, stdout, stderr) => {
      resolve({ pid: child.pid, code: error?.code ?? 0, lines: (stdout + stderr).trimEnd().split("\n") });
    });
  });
}

const node = "node_modules/.bin/node";

test("before installation the command to run is named, and the exit code is 1", async (t) => {
  const { code, lines } = await started(join(await installation(t, []), "bin/muniment"));
  assert.equal(code, 1);
  assert.match(lines.join("\n"), /npm install/);
});

test("sources are run where there are any, in the same process, with words and exit code passed on", async (t) => {
  const root = await installation(t, [node, "src/cli/main.ts"]);
  const { pid, code, lines } = await started(join(root, "bin/muniment"), ["search", "a b"]);
  assert.equal(lines[0], String(pid));
  assert.ok(lines.includes("--conditions=source"));
  assert.deepEqual(lines.slice(-3), [join(root, "src/cli/main.ts"), "search", "a b"]);
  assert.equal(code, 7);
});

test("a build is run where there are no sources", async (t) => {
  const root = await installation(t, [node]);
  const { lines } = await started(join(root, "bin/muniment"));
  assert.equal(lines.at(-1), join(root, "dist/cli/main.js"));
});

test("a link to the command, and a link to that, find the installation", async (t) => {
  const root = await installation(t, [node]);
  const elsewhere = await installation(t, []);
  await symlink(join(root, "bin/muniment"), join(elsewhere, "first"));
  await symlink("first", join(elsewhere, "second"));
  assert.equal((await started(join(elsewhere, "second"))).lines.at(-1), join(root, "dist/cli/main.js"));
});
