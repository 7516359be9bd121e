import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { type Failure, isFailure, MiB, type PackId, type TenantId } from "#core/index.ts";
import { testFolder } from "../../test/support/folder.ts";
import { type ArchiveWorker, createArchiveWorker } from "./archive-workers.ts";
import { systemClock } from "./system.ts";

const tenant = "main" as TenantId;
const pack = "pck_00000000000000000000000000" as PackId;

function workerOn(context: TestContext): ArchiveWorker {
  const folder = testFolder(context);
  const unasked = () => Promise.reject(new Error("nothing here asks for this"));
  const worker = createArchiveWorker(
    {
      catalogue: { knownMessages: unasked, messages: unasked, parts: unasked },
      keyRing: {} as never,
      escrow: { opening: unasked },
      log: () => undefined,
    },
    { spool: folder, blobs: folder },
  );
  context.after(() => worker.stop());
  return worker;
}

/** The code that the thread answers with, of a pack that is not there. */
async function answer(worker: ArchiveWorker): Promise<Failure["code"]> {
  const failure = await worker.provePack(tenant, pack).catch((error: unknown) => error);
  assert.ok(isFailure(failure), String(failure));
  return failure.code;
}

const threads = () => readdirSync("/proc/self/task").length;

test("an idle thread is ended before a large message, left before a small one, and started again", async (context) => {
  const worker = workerOn(context);
  const code = await answer(worker);
  assert.notEqual(code, "WORKER-DIED");
  const running = threads();
  worker.makeRoom(64 * MiB - 1);
  assert.equal(await answer(worker), code);
  assert.equal(threads(), running);
  worker.makeRoom(64 * MiB);
  while (threads() === running) await systemClock.sleep(5);
  assert.equal(await answer(worker), code);
});

test("a thread at work goes on when room is made", async (context) => {
  const worker = workerOn(context);
  const asked = answer(worker);
  worker.makeRoom(64 * MiB);
  assert.notEqual(await asked, "WORKER-DIED");
});
