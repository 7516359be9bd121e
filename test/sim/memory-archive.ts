import { type BatchRequest, createPackOpener, nextPackId, type WrittenBatch, writeBatch } from "#archive/index.ts";
import type { BlobName, BlobStore } from "#blob/index.ts";
import type { Catalogue } from "#catalogue/index.ts";
import type { ConnectorId, Instant, MessageId, PackId, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { createMemoryBlobStore } from "../../src/blob/memory.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createKeyFile } from "../../src/keyring/key-file.ts";
import { collect, sha256 } from "../support/bytes.ts";
import { openTestKeyRing } from "../support/key-ring.ts";
import { createSimClock, type SimClock } from "./sim-clock.ts";
import { createSimEntropy } from "./sim-entropy.ts";

/** An archive in memory: real packs by the real pipeline code, without spool, threads and files. */
export interface MemoryArchive {
  disk: Disk;
  blobs: BlobStore;
  catalogue: Catalogue;
  clock: SimClock;
  entropy: ReturnType<typeof createSimEntropy>;
  openKey: OpenPackKey;
  /** Archives these mails as one pack. */
  archive(tenant: TenantId, mails: readonly string[]): Promise<{ pack: PackId; ids: MessageId[] }>;
  /** As `archive`, but the catalogue is not told. */
  store(tenant: TenantId, mails: readonly string[]): Promise<PackId>;
  /** Puts other bytes in the place of a blob's. */
  change(name: BlobName, change: (bytes: Buffer) => Buffer): Promise<void>;
}

/** An archive with these tenants and nothing in it, whose clock stands at `start`. */
export async function createMemoryArchive(tenants: readonly TenantId[], start: Instant): Promise<MemoryArchive> {
  const disk = createMemoryDisk();
  const blobs = createMemoryBlobStore();
  const catalogue = createMemoryCatalogue();
  const clock = createSimClock(start);
  const entropy = createSimEntropy(1);
  await createKeyFile(disk, "/keys", null, entropy, start);
  const keyRing = await openTestKeyRing(disk, "/keys", entropy, clock);
  for (const tenant of tenants) {
    await keyRing.addTenant(tenant);
    await catalogue.addTenant({ id: tenant, name: tenant, createdAt: start });
  }
  let items = 0;
  const newestPacks = new Map<TenantId, PackId>();
  const openKey: OpenPackKey = (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped);
  const openPack = createPackOpener(blobs, openKey);

  async function write(tenant: TenantId, mails: readonly string[]): Promise<WrittenBatch> {
    const bodies = new Map<SpoolId, Buffer>();
    const pack = nextPackId(newestPacks.get(tenant) ?? null, clock, entropy);
    newestPacks.set(tenant, pack);
    const request: BatchRequest = { tenant, pack, distrust: null, isClockUnsure: false, items: [] };
    for (const mail of mails) {
      items += 1;
      const item = itemOf(tenant, items, Buffer.from(mail), clock.now());
      bodies.set(item.id, Buffer.from(mail));
      request.items.push(item);
    }
    const parts = {
      ...{ blobs, clock, openPack },
      load: async ({ id }: SpooledItem) => bodies.get(id) ?? Buffer.alloc(0),
      knownMessages: catalogue.knownMessages,
      knownParts: catalogue.parts,
      partKey: keyRing.partKey,
      createPackKey: keyRing.createPackKey,
    };
    return writeBatch(parts, request);
  }

  return {
    ...{ disk, blobs, catalogue, clock, entropy, openKey },
    archive: async (tenant, mails) => {
      const { batch } = await write(tenant, mails);
      await catalogue.commit(tenant, batch);
      return { pack: batch.pack?.pack as PackId, ids: batch.messages.map(({ id }) => id) };
    },
    store: async (tenant, mails) => (await write(tenant, mails)).batch.pack?.pack as PackId,
    change: async (name, change) => {
      const bytes = change(await collect(blobs.get(name)));
      await blobs.delete(name);
      await blobs.put(name, async function* () {
        yield bytes;
      });
    },
  };
}

function itemOf(tenant: TenantId, number: number, bytes: Buffer, at: Instant): SpooledItem {
  return {
    id: `${number}` as SpoolId,
    bytes: bytes.length,
    sha256: sha256(bytes) as Sha256,
    pieces: [],
    arrival: {
      receipt: `rcp_${number}` as ReceiptId,
      destination: { tenant, connector: "con_test" as ConnectorId, type: "standard", maxAgeDays: null },
      hop: {
        ...{ transport: "smtp", peer: null, helo: null, tls: null, mailFrom: null, rcptTo: [], uidl: null },
        begunAt: at,
      },
      sourceKey: null,
      receivedAt: at,
    },
  };
}
