import { relative } from "node:path";
import type { BlobName, BlobStore } from "#blob/index.ts";
import type { Catalogue } from "#catalogue/index.ts";
import {
  type Clock,
  type Entropy,
  Failure,
  isFailure,
  type Log,
  must,
  type ReceiptId,
  type TenantId,
  timedId,
} from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { packBlobName } from "#pack/index.ts";
import type { Spool } from "#spool/index.ts";
import { copyPack } from "./copy-packs.ts";
import { type Digest, digestOf, hashing } from "./hashing.ts";
import { backupFolder, checkIsBackupFolder, emptyFolder, type Slot } from "./layout.ts";
import { type BackupFile, type BackupManifest, findManifest, slotOf, writeManifest } from "./manifest.ts";
import { createEarlierList, type ListedPack, listedPacks, packLine } from "./pack-list.ts";
import { readRestoreTest } from "./restore-test.ts";
import type { BackupResult, Backups, LeftPack, Report } from "./use-cases.ts";

/** How long the spool is given to empty itself, in milliseconds: mail goes on coming, so it may never be empty. */
const drainMsMax = 60_000;
/** Receipts looked up at once, and receipts named in a manifest. */
const receiptsAtOnce = 1_000;
const receiptsNamedMax = 1_000;
/** Packs asked of the catalogue at once. */
const packsAtOnce = 500;

/** What backups are made of and with. */
export interface BackupParts {
  disk: Disk;
  blobs: BlobStore;
  catalogue: Pick<Catalogue, "snapshot">;
  /** Opens a snapshot that was written, and the store of packs in a backup's folder. */
  openSnapshot(directory: string): Promise<Catalogue>;
  openStore(directory: string): BlobStore;
  spool: Pick<Spool, "waiting">;
  /** Resolves once everything on the spool at the call is archived. */
  drained(): Promise<void>;
  clock: Clock;
  entropy: Entropy;
  log: Log;
  /** Absolute path of the data folder, and of the files in it that are copied as they are, where they are there. */
  data: string;
  files: readonly { from: string; as: string }[];
  /** Keeps every pack where it is until the returned function is called. */
  holdPacks(): Promise<() => void>;
  /** See the manifest's fields. */
  installation: string;
  product: string;
  isKeyProtected: boolean;
}

type Request = Parameters<Backups["backup"]>[0];

/** The backups of a running archive, one at a time. `stop` ends the one at hand after its present pack. */
export function createBackups(parts: BackupParts): Backups & { stop(): Promise<void> } {
  const stopping = new AbortController();
  let atHand: Promise<BackupResult> | undefined;
  return {
    backup: async (request, report) => {
      if (atHand !== undefined)
        throw new Failure("BACKUP-BUSY", "later", "a backup is being made; wait until it has ended", {
          effect: "nothing was written",
        });
      atHand = heldBackup(parts, request, report, stopping.signal);
      try {
        return await atHand;
      } finally {
        atHand = undefined;
      }
    },
    stop: async () => {
      stopping.abort();
      await atHand?.catch(() => undefined);
    },
  };
}

function goOn(signal: AbortSignal): void {
  if (signal.aborted)
    throw new Failure("SERVER-STOPPING", "later", "the server stops before the backup is complete", {
      effect: "the backup before this one is as it was; run it again, what is copied is not copied again",
    });
}

/** Makes a backup while no pack of the snapshot is removed. */
async function heldBackup(...[parts, ...rest]: Parameters<typeof makeBackup>): Promise<BackupResult> {
  const release = await parts.holdPacks();
  try {
    return await makeBackup(parts, ...rest);
  } finally {
    release();
  }
}

async function makeBackup(
  parts: BackupParts,
  { directory, isChecking }: Request,
  report: Report,
  signal: AbortSignal,
): Promise<BackupResult> {
  const { disk, clock } = parts;
  const begunAt = clock.now();
  const before = await checkedPlace(parts, directory);
  await drainedInTime(parts, signal);
  goOn(signal);
  const slot: Slot = before !== undefined && slotOf(before) === "a" ? "b" : "a";
  const folder = backupFolder(directory);
  const snapshotFolder = folder.snapshot(slot);
  await emptyFolder(disk, snapshotFolder);

  const waiting = [...parts.spool.waiting()].map(({ arrival }) => arrival);
  const snapshotAt = clock.now();
  const outcome = await parts.catalogue.snapshot(`${snapshotFolder}/catalogue`);
  must(outcome === "written", "a catalogue that is backed up has files");
  const snapshot = await parts.openSnapshot(`${snapshotFolder}/catalogue`);
  let copied: Awaited<ReturnType<typeof copyPacks>>;
  let superseded: BlobName[];
  let notIncluded: BackupManifest["notIncluded"];
  try {
    notIncluded = await missingReceipts(snapshot, waiting);
    superseded = await supersededIn(snapshot);
    copied = await copyPacks({ parts, snapshot, slot, directory, before, isChecking, report, signal });
  } finally {
    await snapshot.close();
  }

  const files = await snapshotFiles(parts, directory, slot, copied.tenants);
  const id = `bak_${timedId(snapshotAt, parts.entropy.bytes(10))}`;
  const { installation, product, isKeyProtected } = parts;
  const times = { begunAt, snapshotAt, finishedAt: clock.now() };
  const { tenants, packs } = copied;
  await writeManifest(disk, directory, {
    ...{ format: "muniment-backup", v: 1, id, installation, product, ...times, isKeyProtected },
    ...{ tenants, files, packs: packs.list, notIncluded },
  });
  // The old snapshot only takes room now; what cannot be removed is no reason to call the backup failed.
  await emptyFolder(disk, folder.snapshot(slot === "a" ? "b" : "a")).catch((error: unknown) =>
    parts.log("backup.cleaning_failed", { error: String(error) }),
  );
  // Likewise: a pack that was merged is in the merged one, which this backup has.
  if (copied.left.length === 0)
    await removeAll(parts.openStore(directory), superseded).catch((error: unknown) =>
      parts.log("backup.cleaning_failed", { error: String(error) }),
    );
  const last = await readRestoreTest(disk, directory);
  parts.log("backup.made", { id, packs: packs.list.count, copied: packs.copied, notIncluded: notIncluded.items });
  return {
    ...{ directory, id, snapshotAt, isKeyProtected, tenants, left: copied.left, notIncluded: notIncluded.items },
    packs: { ...{ count: packs.list.count, bytes: packs.list.packBytes }, ...packs.counts },
    lastRestoreTest: last === null ? null : { testedAt: last.testedAt, backup: last.backup },
  };
}

async function supersededIn(snapshot: Catalogue): Promise<BlobName[]> {
  const names: BlobName[] = [];
  for (const { id } of await snapshot.tenants())
    for (const { pack } of await snapshot.superseded(id)) names.push(packBlobName({ tenant: id, pack }));
  return names;
}

async function removeAll(store: BlobStore, names: readonly BlobName[]): Promise<void> {
  for (const name of names) await store.delete(name);
}

/** Waits for what is on the spool now, and not for ever. */
async function drainedInTime({ drained, clock }: BackupParts, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const patience = clock.sleep(drainMsMax, AbortSignal.any([signal, enough.signal]));
  await Promise.race([drained(), patience]);
  enough.abort();
}

/** The backup that is in the folder; undefined when there is none yet or its manifest is damaged. */
async function checkedPlace(parts: BackupParts, directory: string): Promise<BackupManifest | undefined> {
  const way = relative(parts.data, directory);
  if (way !== ".." && !way.startsWith("../"))
    throw new Failure("BACKUP-PLACE", "never", `${directory} lies in the data folder, which is what is to be saved`, {
      effect: "nothing was written",
    });
  await checkIsBackupFolder(parts.disk, directory);
  let manifest: BackupManifest | undefined;
  try {
    manifest = await findManifest(parts.disk, directory);
  } catch (error) {
    if (!isFailure(error, "BACKUP-DAMAGED")) throw error;
    // Without its manifest the folder vouches for nothing: every pack in it is read and compared again.
    parts.log("backup.manifest_damaged", { directory });
  }
  if (manifest !== undefined && manifest.installation !== parts.installation)
    throw new Failure("BACKUP-OTHER", "never", `${directory} holds a backup of another installation`, {
      effect: "nothing was written",
    });
  return manifest;
}

/** Which accepted items the snapshot does not hold. */
async function missingReceipts(
  snapshot: Catalogue,
  waiting: readonly { receipt: ReceiptId; destination: { tenant: TenantId } }[],
): Promise<BackupManifest["notIncluded"]> {
  const known = new Set((await snapshot.tenants()).map(({ id }) => id));
  const missing: ReceiptId[] = [];
  let items = 0;
  for (const [tenant, own] of Map.groupBy(waiting, ({ destination }) => destination.tenant))
    for (let start = 0; start < own.length; start += receiptsAtOnce) {
      const asked = own.slice(start, start + receiptsAtOnce).map(({ receipt }) => receipt);
      const found = known.has(tenant)
        ? (await snapshot.knownReceipts(tenant, { receipts: asked, sourceKeys: [] })).receipts
        : [];
      const archived = new Set(found);
      const left = asked.filter((receipt) => !archived.has(receipt));
      items += left.length;
      missing.push(...left.slice(0, receiptsNamedMax - missing.length));
    }
  return { items, receipts: missing };
}

interface CopyWork {
  parts: BackupParts;
  snapshot: Catalogue;
  slot: Slot;
  directory: string;
  before: BackupManifest | undefined;
  isChecking: boolean;
  report: Report;
  signal: AbortSignal;
}

/** The list of the backup before, to be looked up in; an empty one when there is none or it is damaged. */
async function earlierList({ parts, directory, before }: CopyWork) {
  async function* none(): AsyncGenerator<ListedPack> {}
  if (before === undefined) return createEarlierList(none());
  const path = backupFolder(directory).path(before.packs.path);
  const isThere = (await parts.disk.size(path)) === before.packs.bytes;
  const isSound = isThere && (await digestOf(parts.disk.stream(path))).sha256 === before.packs.sha256;
  return createEarlierList(isSound ? listedPacks(parts.disk.stream(path)) : none());
}

/** Copies every pack of the snapshot that is not there, while their list is written. */
async function copyPacks(work: CopyWork) {
  const { parts, snapshot, slot, directory, isChecking, report, signal } = work;
  const earlier = await earlierList(work);
  const stores = { from: parts.blobs, to: parts.openStore(directory) };
  const tenants: BackupManifest["tenants"] = [];
  const left: LeftPack[] = [];
  const counts = { copied: 0, copiedBytes: 0 };
  let total = 0;
  let done = 0;
  const ids = (await snapshot.tenants()).map(({ id }) => id).sort();
  for (const id of ids) {
    const { packs, bytes } = await snapshot.packTotals(id, null);
    const { messages, connectors } = await snapshot.tallies(id);
    const receipts = connectors.reduce(
      (sum, one) => sum + one.archived + one.duplicate + one.quarantined + one.held,
      0,
    );
    const changes = await snapshot.lastChange(id);
    tenants.push({ id, changes, messages, receipts, packs, packBytes: bytes });
    total += bytes;
  }

  async function* lines(): AsyncGenerator<Uint8Array> {
    for (const { id } of tenants)
      for await (const entry of packsOf(snapshot, id)) {
        goOn(signal);
        const { listed, isCopied } = await copyPack(stores, id, entry, earlier, isChecking);
        if (listed.damaged) left.push({ kind: "damaged", tenant: id, pack: entry.pack });
        if (listed.missing) left.push({ kind: "missing", tenant: id, pack: entry.pack });
        if (isCopied) {
          counts.copied += 1;
          counts.copiedBytes += listed.bytes;
        }
        done += entry.bytes;
        report({ done, total, unit: "bytes" });
        yield Buffer.from(packLine(listed));
      }
  }

  const path = `snapshots/${slot}/packs.jsonl`;
  let digest: Digest | undefined;
  const body = hashing(lines(), (found) => {
    digest = found;
  });
  try {
    await parts.disk.replace(backupFolder(directory).path(path), body);
  } finally {
    await earlier.close();
  }
  must(digest !== undefined, "a list that was written was read to its end");
  const count = tenants.reduce((sum, { packs }) => sum + packs, 0);
  return {
    tenants,
    left,
    packs: { list: { path, ...digest, count, packBytes: total }, counts, copied: counts.copied },
  };
}

async function* packsOf(snapshot: Catalogue, tenant: TenantId) {
  let page = await snapshot.packsAfter(tenant, null, packsAtOnce);
  while (page.length > 0) {
    yield* page;
    page = await snapshot.packsAfter(tenant, page.at(-1)?.pack ?? null, packsAtOnce);
  }
}

/** Copies a file; false when there is none, also when it goes at this moment, as the previous key file does. */
async function copyIfThere(disk: Disk, from: string, to: string): Promise<boolean> {
  if ((await disk.size(from)) === undefined) return false;
  try {
    await disk.replace(to, disk.stream(from));
    return true;
  } catch (error) {
    if (isFailure(error, "DISK-MISSING") && (await disk.size(from)) === undefined) return false;
    throw error;
  }
}

/** Copies key file and settings, and takes the digests of all that is in the snapshot. */
async function snapshotFiles(
  { disk, files }: BackupParts,
  directory: string,
  slot: Slot,
  tenants: readonly { id: TenantId }[],
): Promise<BackupFile[]> {
  const { path } = backupFolder(directory);
  const names = ["catalogue/installation.sqlite", ...tenants.map(({ id }) => `catalogue/tenants/${id}.sqlite`)];
  for (const { from, as } of files) {
    if (await copyIfThere(disk, from, path(`snapshots/${slot}/${as}`))) names.push(as);
  }
  const listed: BackupFile[] = [];
  for (const as of names) {
    const file = `snapshots/${slot}/${as}`;
    listed.push({ path: file, as, ...(await digestOf(disk.stream(path(file)))) });
  }
  return listed;
}
