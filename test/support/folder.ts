import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A folder of the test's own, removed when the test ends. */
export function testFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "muniment-test-"));
  // Again where something is still at work in it: what is registered first ends first, and this is mostly the first.
  test.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}
