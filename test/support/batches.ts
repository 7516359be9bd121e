import {
  createPackOpener,
  createRetrieval,
  nextPackId,
  type Retrieval,
  type WrittenBatch,
  writeBatch,
} from "#archive/index.ts";
import type { BlobStore } from "#blob/index.ts";
import type { Catalogue } from "#catalogue/index.ts";
import { createMemoryCatalogue } from "#catalogue/memory.ts";
import type { ConnectorId, Instant, PackId, ReceiptId, Sha256, TenantId } from "#core/index.ts";
import type { KeyRing, PackKey } from "#keyring/index.ts";
import type { OpenPackKey } from "#pack/index.ts";
import type { SpooledItem, SpoolId } from "#spool/index.ts";
import { createMemoryBlobStore } from "../../src/blob/memory.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createKeyFile } from "../../src/keyring/key-file.ts";
import { createSimClock, type SimClock } from "../sim/sim-clock.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
import { sha256 } from "./bytes.ts";
import { openTestKeyRing } from "./key-ring.ts";

/** The archive stage in this process: batches go from bytes to packs and catalogue, without spool, loop or search. */
export interface Batches {
  blobs: BlobStore;
  catalogue: Catalogue;
  retrieval: Retrieval;
  openKey: OpenPackKey;
  clock: SimClock;
  keyRing: KeyRing;
  /** Archives items in one batch, as the loop does; each bytes once. */
  archive(items: readonly Uint8Array[], type?: "standard" | "eej", tenant?: TenantId): Promise<WrittenBatch>;
  /** The same in two steps: first what the spool did when it took the items, then the archive's part. */
  spool(items: readonly Uint8Array[], type?: "standard" | "eej", tenant?: TenantId): () => Promise<WrittenBatch>;
}

/** The tenant that batches are of unless another is named. */
export const acme = "acme" as TenantId;

export async function openBatches(
  options: { tenants?: TenantId[]; blobs?: BlobStore; catalogue?: Catalogue } = {},
): Promise<Batches> {
  const { tenants = [acme], blobs = createMemoryBlobStore(), catalogue = createMemoryCatalogue() } = options;
  const clock = createSimClock(1_700_000_000_000 as Instant);
  const entropy = createSimEntropy(11);
  const disk = createMemoryDisk();
  await createKeyFile(disk, "/keys", null, entropy, clock.now());
  const keyRing: KeyRing = await openTestKeyRing(disk, "/keys", entropy, clock);
  for (const id of tenants) {
    await keyRing.addTenant(id);
    await catalogue.addTenant({ id, name: id, createdAt: clock.now() });
  }
  const openKey: OpenPackKey = (tenant, pack, wrapped) => keyRing.openPackKey(tenant, pack, wrapped);
  const openPack = createPackOpener(blobs, openKey);
  let itemsMade = 0;

  function spooled(bytes: Uint8Array, type: "standard" | "eej", tenant: TenantId): SpooledItem {
    itemsMade += 1;
    return {
      id: `item-${itemsMade}` as SpoolId,
      bytes: bytes.length,
      sha256: sha256(bytes) as Sha256,
      pieces: [],
      arrival: {
        receipt: `rcp_${itemsMade}` as ReceiptId,
        destination: { tenant, connector: "con_0123456789abcdef" as ConnectorId, type, maxAgeDays: null },
        hop: {
          transport: "smtp",
          peer: null,
          helo: null,
          tls: null,
          mailFrom: null,
          rcptTo: [],
          uidl: null,
          begunAt: clock.now(),
        },
        sourceKey: null,
        receivedAt: clock.now() as Instant,
      },
    } as SpooledItem;
  }

  const spool: Batches["spool"] = (given, type = "standard", tenant = acme) => {
    const bytesById = new Map<SpoolId, Uint8Array>();
    const items = given.map((bytes) => {
      const item = spooled(bytes, type, tenant);
      bytesById.set(item.id, bytes);
      return item;
    });
    return async () => {
      // Packs are named by time: a later batch makes a later pack.
      await clock.advance(1);
      const written = await writeBatch(
        {
          blobs,
          clock,
          load: async ({ id }) => bytesById.get(id) ?? new Uint8Array(),
          knownMessages: (of, digests) => catalogue.knownMessages(of, digests),
          knownParts: (of, names) => catalogue.parts(of, names),
          partKey: (of) => keyRing.partKey(of),
          openPack,
          createPackKey: (of: TenantId, pack: PackId): Promise<PackKey> => keyRing.createPackKey(of, pack),
        },
        { tenant, items, pack: nextPackId(null, clock, entropy), distrust: null, isClockUnsure: false },
      );
      await catalogue.commit(tenant, written.batch);
      return written;
    };
  };

  return {
    blobs,
    catalogue,
    retrieval: createRetrieval({ blobs, catalogue, openKey }),
    ...{ openKey, clock, keyRing },
    spool,
    archive: (items, type, tenant) => spool(items, type, tenant)(),
  };
}
