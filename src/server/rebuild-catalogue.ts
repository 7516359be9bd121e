import { resolve } from "node:path";
import { adoptPacks, type LostMessage, provePack } from "#archive/index.ts";
import type { PackId, TenantId } from "#core/index.ts";
import { dataFolder } from "./data-folder.ts";
import { lockFolder } from "./lock.ts";
import { readPassphrase } from "./passphrase.ts";
import { assertArchive, openStorage } from "./storage.ts";
import { systemClock } from "./system.ts";

/** What a rebuilt catalogue holds. */
export interface Rebuilt {
  tenants: number;
  packs: number;
  receipts: number;
  messages: number;
  /** Packs that could not be read; their mail is missing until they are restored. */
  unreadable: { tenant: TenantId; pack: string; detail: string }[];
  /** Messages that packs name and none of them holds: they are gone until their packs are restored. */
  lost: ({ tenant: TenantId } & LostMessage)[];
  /** Connectors that receipts name and the installation file does not know: to be set up again. */
  connectorsSeen: string[];
}

/**
 * Makes every tenant's catalogue anew from packs and keys alone. Search is dropped and follows by itself at the next start.
 *
 * May be repeated and interrupted. Connectors, people and tokens stay where the installation file is still there.
 * @throws `ARCHIVE-LOCKED` while a server runs, `ARCHIVE-MISSING`, `PASSPHRASE-WRONG`
 */
export async function rebuildCatalogue(options: {
  data: string;
  passphraseFile?: string;
  report: (progress: { done: number; total: number; unit: string }) => void;
}): Promise<Rebuilt> {
  const folder = dataFolder(resolve(options.data));
  await assertArchive(folder);
  const lock = lockFolder(folder, systemClock.now());
  try {
    const storage = await openStorage(folder, readPassphrase(options.passphraseFile), () => undefined);
    try {
      const { catalogue, keyRing, blobs, openKey, search } = storage;
      const rebuilt: Rebuilt = {
        tenants: 0,
        packs: 0,
        receipts: 0,
        messages: 0,
        unreadable: [],
        lost: [],
        connectorsSeen: [],
      };
      for (const tenant of keyRing.tenants()) {
        await catalogue.addTenant({ id: tenant, name: tenant, createdAt: systemClock.now() });
        await catalogue.clearArchive(tenant);
        await search.drop(tenant);
        const proving = { blobs, catalogue, openKey, partKey: keyRing.partKey };
        const prove = (of: TenantId, pack: PackId) => provePack(proving, of, pack);
        const parts = { blobs, catalogue, openKey, log: () => undefined, prove };
        const adopted = await adoptPacks(parts, tenant, (done, total) =>
          options.report({ done, total, unit: "packs" }),
        );
        const { messages, connectors } = await catalogue.tallies(tenant);
        const known = new Set((await catalogue.connectors(tenant)).map(({ id }) => id));
        rebuilt.tenants += 1;
        rebuilt.packs += adopted.packs;
        rebuilt.receipts += adopted.receipts;
        rebuilt.messages += messages;
        rebuilt.unreadable.push(...adopted.unreadable.map((one) => ({ tenant, ...one })));
        rebuilt.lost.push(...adopted.lost.map((one) => ({ tenant, ...one })));
        rebuilt.connectorsSeen.push(
          ...connectors.map(({ connector }) => connector).filter((id) => !known.has(id) && id !== "con_import"),
        );
      }
      return rebuilt;
    } finally {
      await storage.close();
    }
  } finally {
    lock.release();
  }
}
