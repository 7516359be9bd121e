import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { type Instant, isFailure, type ReceiptId, type TenantId } from "#core/index.ts";
import type { SpooledItem } from "#spool/index.ts";
import { createSimClock } from "../../test/sim/sim-clock.ts";
import { createSimEntropy } from "../../test/sim/sim-entropy.ts";
import { testFolder } from "../../test/support/folder.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { openSqliteEngine } from "../catalogue/sqlite-engine.ts";
import { createRealDisk } from "../disk/real.ts";
import { createBackups } from "./backups.ts";

const acme = "acme" as TenantId;

/** Backups of an archive whose spool never empties. */
async function stuckArchive(context: TestContext) {
  const folder = testFolder(context);
  const disk = createRealDisk();
  const catalogue = await openSqliteEngine(join(folder, "data", "catalogue"));
  context.after(() => catalogue.close());
  const clock = createSimClock(Date.UTC(2030, 0, 1) as Instant);
  await catalogue.addTenant({ id: acme, name: "Acme", createdAt: clock.now() });
  const item = { arrival: { receipt: "rcp_stuck" as ReceiptId, destination: { tenant: acme } } } as SpooledItem;
  const backups = createBackups({
    holdPacks: async () => () => undefined,
    ...{ disk, catalogue, clock, entropy: createSimEntropy(1), log: () => undefined },
    blobs: createFolderBlobStore(disk, join(folder, "data", "blobs")),
    openSnapshot: (directory) => openSqliteEngine(directory),
    openStore: (directory) => createFolderBlobStore(disk, directory),
    spool: { waiting: () => [item] },
    drained: () => new Promise(() => undefined),
    ...{ data: join(folder, "data"), files: [], installation: "i", product: "1", isKeyProtected: true },
  });
  return { backups, clock, directory: join(folder, "backup") };
}

test("waits a minute for the spool and no longer; what is left there is named in the manifest", async (context) => {
  const { backups, clock, directory } = await stuckArchive(context);
  let isDone = false;
  const making = backups
    .backup({ directory, isChecking: false }, () => undefined)
    .then((result) => {
      isDone = true;
      return result;
    });
  // The disk is asked about the folder first; the wait begins after that.
  const waited = async (ms: number) => {
    for (let turns = 0; turns < 50; turns += 1) await turn();
    await clock.advance(ms);
  };
  await waited(59_000);
  assert.equal(isDone, false);
  while (!isDone) await waited(1_000);
  assert.equal((await making).notIncluded, 1);
  const { manifest } = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));
  assert.deepEqual(manifest.notIncluded, { items: 1, receipts: ["rcp_stuck"] });
});

test("one backup is made at a time, and a server that stops ends it at once without a manifest", async (context) => {
  const { backups, directory } = await stuckArchive(context);
  const making = backups.backup({ directory, isChecking: false }, () => undefined);
  const ended = assert.rejects(making, (error) => isFailure(error, "SERVER-STOPPING"));
  await assert.rejects(
    backups.backup({ directory, isChecking: false }, () => undefined),
    (error) => isFailure(error, "BACKUP-BUSY"),
  );
  await backups.stop();
  await ended;
  assert.throws(() => readFileSync(join(directory, "manifest.json")), { code: "ENOENT" });
});
