import { join } from "node:path";
import type { TestContext } from "node:test";
import { createArchivedReader, createPackOpener, gather, startArchive, writeBatch } from "#archive/index.ts";
import type { Catalogue, ReceiptOutcome } from "#catalogue/index.ts";
import type { ConnectorId, Destination, MessageId, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { ArchivedMail, DrainParts, SettledState, UidlMemory } from "#pop3/index.ts";
import { readSpooled, type Spool } from "#spool/index.ts";
import { createMemoryBlobStore } from "../../src/blob/memory.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { createKeyFile } from "../../src/keyring/key-file.ts";
import { createFileUidls } from "../../src/pop3/file-uidls.ts";
import { openMemorySearch } from "../../src/search/memory.ts";
import { systemClock, systemEntropy } from "../../src/server/system.ts";
import { openFileSpool } from "../../src/spool/file-spool.ts";
import { testFolder } from "../support/folder.ts";
import { openTestKeyRing } from "../support/key-ring.ts";
import { noMerging } from "../support/merging.ts";

export const drained: Destination = {
  tenant: "main" as TenantId,
  connector: "con_pop3test00000000" as ConnectorId,
  type: "standard",
  maxAgeDays: null,
};

/** The product's road behind a drain: spool and UIDL memory on disk, the real archive loop, catalogue and packs in memory. */
export interface TestArchive {
  parts: Omit<DrainParts, "open" | "retention">;
  memory: UidlMemory;
  spool: Spool;
  catalogue: Catalogue;
  /** Stops the archive from taking anything, or lets it go on. */
  hold(isHeld: boolean): void;
  /** Every archived message's bytes, by digest, with how many receipts it has. */
  contents(): Promise<Map<Sha256, { bytes: Buffer; receipts: number }>>;
}

/** Answers from the catalogue; what became of a receipt is remembered as it is committed. */
function archivedMailOf(catalogue: Catalogue, changed: (signal: AbortSignal) => Promise<void>) {
  const states = new Map<ReceiptId, SettledState>();
  const archive: ArchivedMail = {
    settled: async (captures) => {
      const { tenant } = drained;
      const asked = { receipts: captures.map((one) => one.receipt), sourceKeys: captures.map((one) => one.sourceKey) };
      const known = await catalogue.knownReceipts(tenant, asked);
      const receipts = new Set(known.receipts);
      const keys = new Set(known.sourceKeys);
      const found = captures.filter((one) => receipts.has(one.receipt) || keys.has(one.sourceKey));
      return new Map(
        found.map(({ receipt }) => [
          receipt,
          receipts.has(receipt) ? (states.get(receipt) ?? "archived") : "duplicate",
        ]),
      );
    },
    changed,
  };
  const note = (outcomes: readonly ReceiptOutcome[]) => {
    for (const { receipt, state } of outcomes) if (state !== "known") states.set(receipt, state);
    return [...outcomes];
  };
  return { archive, note };
}

export async function testArchive(test: TestContext): Promise<TestArchive> {
  const folder = testFolder(test);
  const disk = createRealDisk();
  await createKeyFile(disk, join(folder, "keys.json"), null, systemEntropy, systemClock.now());
  const keyRing = await openTestKeyRing(disk, join(folder, "keys.json"), systemEntropy, systemClock);
  await keyRing.addTenant(drained.tenant);
  const memoryCatalogue = createMemoryCatalogue();
  await memoryCatalogue.addTenant({ id: drained.tenant, name: "main", createdAt: systemClock.now() });
  const directory = join(folder, "spool");
  const spoolKey = (salt: Uint8Array) => keyRing.spoolKey(salt);
  const surroundings = { disk, clock: systemClock, entropy: systemEntropy, log: () => {} };
  const spool = await openFileSpool({ ...surroundings, directory, spoolKey });
  const blobs = createMemoryBlobStore();
  const openPack = createPackOpener(blobs, keyRing.openPackKey);
  let gate: PromiseWithResolvers<void> | null = null;
  const catalogue: Catalogue = {
    ...memoryCatalogue,
    commit: async (tenant, batch) => mail.note(await memoryCatalogue.commit(tenant, batch)),
  };
  const archive = await startArchive(
    {
      ...surroundings,
      spool,
      blobs,
      catalogue,
      search: openMemorySearch(),
      openKey: (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped),
      scrub: { disk, file: join(folder, "scrub.json"), isRunning: false },
      reader: createArchivedReader({
        blobs,
        catalogue,
        openKey: (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped),
        clock: surroundings.clock,
        tools: noKeys,
      }),
      merging: noMerging,
      typeOf: async () => "standard",
      writeBatch: async (request) => {
        await gate?.promise;
        return disk.reading((readAt) =>
          writeBatch(
            {
              ...surroundings,
              blobs,
              load: (item) => gather(readSpooled(readAt, directory, spoolKey, item), item.bytes),
              knownMessages: (tenant, digests) => catalogue.knownMessages(tenant, digests),
              knownParts: (tenant, names) => catalogue.parts(tenant, names),
              partKey: keyRing.partKey,
              openPack,
              createPackKey: (tenant, pack) => keyRing.createPackKey(tenant, pack),
            },
            request,
          ),
        );
      },
    },
    [drained.tenant],
  );
  const mail = archivedMailOf(catalogue, (signal) => archive.changed(signal));
  const memory = createFileUidls(disk, join(folder, "pop3"));
  test.after(async () => {
    gate?.resolve();
    await archive.stop();
    await spool.close();
    await memory.close();
  });
  return {
    parts: { ...surroundings, destination: drained, intake: spool, memory, archive: mail.archive },
    memory,
    spool,
    catalogue,
    hold: (isHeld) => {
      gate?.resolve();
      gate = isHeld ? Promise.withResolvers<void>() : null;
    },
    contents: async () => {
      const contents = new Map<Sha256, { bytes: Buffer; receipts: number }>();
      for (const row of await catalogue.messagesAfter(drained.tenant, null as MessageId | null, 1_000_000)) {
        const bytes = Buffer.from(await gather(await archive.original(drained.tenant, row), row.bytes));
        contents.set(row.sha256, { bytes, receipts: row.receipts.length });
      }
      return contents;
    },
  };
}

/** No mail of these worlds is encrypted. */
const noKeys = async () => ({ keys: [], authorities: [] });
