import assert from "node:assert/strict";
import { test } from "node:test";
import { createKit } from "../../../test/api/kit.ts";

const local = { "x-test-local": "yes", "x-muniment-tenant": "acme" };

test("a backup is made through the local socket, and tells its progress and its times", async () => {
  await using kit = await createKit();
  const payload = { directory: "/srv/backup", check: true };
  const response = await kit.api.inject({ method: "POST", url: "/api/v1/backups", headers: local, payload });
  assert.equal(response.statusCode, 200);
  const lines = response.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(lines[0], { progress: { done: 1, total: 1, unit: "bytes" } });
  const { snapshotAt, lastRestoreTest } = lines[1].result;
  const at = "2030-01-01T00:00:00.000Z";
  assert.deepEqual([snapshotAt, lastRestoreTest], [at, { testedAt: at, backup: "bak_0" }]);
  assert.deepEqual(kit.backups.asked, [{ directory: "/srv/backup", isChecking: true }]);
});

test("nobody else may have a copy of every tenant's mail written to a path, not even an admin", async () => {
  await using kit = await createKit();
  const payload = { directory: "/srv/backup" };
  assert.equal((await kit.as("admin", { method: "POST", url: "/api/v1/backups", payload })).statusCode, 403);
  assert.deepEqual(kit.backups.asked, []);
});

test("a path that is not absolute is refused, and a folder that is no backup is a problem of its own", async () => {
  await using kit = await createKit();
  const ask = (directory: string) =>
    kit.api.inject({ method: "POST", url: "/api/v1/backups", headers: local, payload: { directory } });
  assert.equal((await ask("backup")).statusCode, 400);
  const { problem } = JSON.parse((await ask("/srv/foreign")).body.trim());
  assert.deepEqual([problem.code, problem.status], ["BACKUP-PLACE", 422]);
});
