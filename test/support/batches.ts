import {
  type BatchRequest,
  createPackOpener,
  createRetrieval,
  type DecisionRequest,
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
import { createSimClock } from "../sim/sim-clock.ts";
import { createSimEntropy } from "../sim/sim-entropy.ts";
import { sha256 } from "./bytes.ts";
import { openTestKeyRing } from "./key-ring.ts";

/** The archive stage in this process: batches go from bytes to packs and catalogue, without spool, loop or search. */
export interface Batches {
  blobs: BlobStore;
  catalogue: Catalogue;
  retrieval: Retrieval;
  openKey: OpenPackKey;
  /** Archives items in one batch, as the loop does; each bytes once. */
  archive(items: readonly Uint8Array[], type?: "standard" | "eej", tenant?: TenantId): Promise<WrittenBatch>;
  /** Archives one item unread, as one that brings down what reads it. */
  archiveUnread(item: Uint8Array): Promise<WrittenBatch>;
  /** Records decisions, as the loop does. */
  decide(requests: DecisionRequest[]): Promise<WrittenBatch>;
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

  /** Writes and commits one batch. */
  async function write(
    tenant: TenantId,
    bytesById: ReadonlyMap<SpoolId, Uint8Array>,
    request: Pick<BatchRequest, "items" | "distrust"> & { decide?: DecisionRequest[] },
  ): Promise<WrittenBatch> {
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
      { tenant, pack: nextPackId(null, clock, entropy), ...request },
    );
    await catalogue.commit(tenant, written.batch);
    return written;
  }

  const spool: Batches["spool"] = (given, type = "standard", tenant = acme) => {
    const bytesById = new Map<SpoolId, Uint8Array>();
    const items = given.map((bytes) => {
      const item = spooled(bytes, type, tenant);
      bytesById.set(item.id, bytes);
      return item;
    });
    return () => write(tenant, bytesById, { items, distrust: null });
  };

  return {
    blobs,
    catalogue,
    retrieval: createRetrieval({ blobs, catalogue, openKey }),
    openKey,
    spool,
    archiveUnread: (bytes) => {
      const item = spooled(bytes, "eej", acme);
      return write(acme, new Map([[item.id, bytes]]), { items: [item], distrust: "storing_fault" });
    },
    decide: (requests) => write(acme, new Map(), { items: [], distrust: null, decide: requests }),
    archive: (items, type, tenant) => spool(items, type, tenant)(),
  };
}
