import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adoptPacks, provePack } from "#archive/index.ts";
import { openSqliteEngine } from "#catalogue/sqlite-engine.ts";
import type { PackId, TenantId } from "#core/index.ts";
import { createFolderBlobStore } from "../src/blob/folder.ts";
import { createRealDisk } from "../src/disk/real.ts";
import { acme, openBatches } from "../test/support/batches.ts";
import { cpuSplit, type Step } from "./cpu-split.ts";
import { generatedMail } from "./generated-mail.ts";

// The catalogue of generated mail, made anew from its packs alone in one thread.

const steps: Step[] = [
  ["catalogue", /src\/catalogue\/|kysely|node:sqlite/],
  ["read and open packs", /src\/pack\/|src\/keyring\//],
  ["read files", /src\/(disk|blob)\//],
  ["digests, directories", /src\/archive\//],
];

/** Messages of a batch: what the archive loop takes at once. */
const batchItemsMax = 256;

/** Prints messages a second of a rebuild, and its CPU time by step. */
export async function benchRebuild(count = Number(process.env.MUNIMENT_BENCH_MESSAGES ?? 10_000)): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  try {
    const blobs = createFolderBlobStore(createRealDisk(), join(folder, "blobs"));
    const lost = await openSqliteEngine(join(folder, "lost"));
    const batches = await openBatches({ blobs, catalogue: lost });
    const mails = generatedMail(count);
    for (let from = 0; from < mails.length; from += batchItemsMax)
      await batches.archive(mails.slice(from, from + batchItemsMax), "eej");
    const { messages } = await lost.tallies(acme);
    await lost.close();

    for (const isProfiled of [false, true]) {
      const catalogue = await openSqliteEngine(join(folder, isProfiled ? "profiled" : "rebuilt"));
      await catalogue.addTenant({ id: acme, name: acme, createdAt: 1 as never });
      const { openKey, keyRing } = batches;
      const parts = { blobs, catalogue, openKey, partKey: keyRing.partKey, log: () => undefined };
      const prove = (tenant: TenantId, pack: PackId) => provePack(parts, tenant, pack);
      const begun = performance.now();
      let split = new Map<string, number>();
      const rebuild = async () => {
        await adoptPacks({ ...parts, prove }, acme, () => undefined);
      };
      if (isProfiled) split = await cpuSplit(steps, rebuild);
      else await rebuild();
      const seconds = (performance.now() - begun) / 1_000;
      const rebuilt = (await catalogue.tallies(acme)).messages;
      await catalogue.close();
      if (rebuilt !== messages) throw new Error(`${rebuilt} of ${messages} messages came back`);
      if (!isProfiled) console.log(`rebuilt ${messages} messages: ${(messages / seconds).toFixed(0)} messages/s`);
      for (const [name, ms] of [...split].sort((a, b) => b[1] - a[1]))
        console.log(`  ${name.padEnd(30)} ${(ms / messages).toFixed(3)} ms/message`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
