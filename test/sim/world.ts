import assert from "node:assert/strict";
import {
  adoptPacks,
  createArchivedReader,
  createBandwidth,
  createPackOpener,
  gather,
  mergePacks,
  provePack,
  startArchive,
  throttled,
  writeBatch,
} from "#archive/index.ts";
import type { Catalogue, CatalogueBatch, CatalogueMerge, ReceiptOutcome } from "#catalogue/index.ts";
import type { ConnectorId, Instant, PackId, ReceiptId, TenantId } from "#core/index.ts";
import { isFailure, KiB, timedId } from "#core/index.ts";
import { packBlobName } from "#pack/index.ts";
import { cachedKeys, readSpooled } from "#spool/index.ts";
import { createFolderBlobStore } from "../../src/blob/folder.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { wellFormed } from "../../src/catalogue/well-formed.ts";
import { createKeyFile } from "../../src/keyring/key-file.ts";
import { openMemorySearch } from "../../src/search/memory.ts";
import { openFileSpool, type SpoolBounds } from "../../src/spool/file-spool.ts";
import { seeded } from "../support/bytes.ts";
import { openTestKeyRing } from "../support/key-ring.ts";
import { eagerMerging } from "../support/merging.ts";
import { type Ledger, LedgerBroken } from "./ledger.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSimDisk } from "./sim-disk.ts";
import { createSimEntropy } from "./sim-entropy.ts";
import { createSimFiles, PowerCut, type SimFiles } from "./sim-files.ts";
import type { SimMail } from "./sim-mail.ts";

const root = "/data";
const keyFile = `${root}/keys/keyring.json`;
const spoolFolder = `${root}/spool`;
const blobFolder = `${root}/blobs`;
export const simTenants = ["main", "other"] as TenantId[];
const epoch = 1_700_000_000_000 as Instant;

/** Longer than any life: what was merged stays. */
const keptMs = 10 * 365 * 86_400_000;

/** Small, so that a short run uses segments again and long mails span several. */
const bounds: SpoolBounds = {
  bytesMax: 1024 * KiB * KiB,
  freeBytesMin: 256 * KiB,
  reserveBytes: 64 * KiB,
  segmentBytesMax: 96 * KiB,
};

/** The commits of a catalogue in order: what outlives a process and a power cut. */
export type Commits = { tenant: TenantId; change: CatalogueAction }[];

/** A transaction of the catalogue. */
export type CatalogueAction =
  | { kind: "commit"; batch: CatalogueBatch }
  | { kind: "merge"; merge: CatalogueMerge }
  | { kind: "forget"; pack: PackId };

/** What is there at a start. */
export interface Ground {
  files: SimFiles;
  commits: Commits;
}

/** The mail's way, from its real parts, run in this thread, on files that may lose power. */
export type Life = Awaited<ReturnType<typeof startLife>>;

/** A folder with keys and tenants, as `init` leaves it, all of it durable. */
export async function freshGround(seed: number): Promise<Ground> {
  const files = createSimFiles();
  const disk = createSimDisk(files);
  const entropy = createSimEntropy(seed);
  const clock = createSimClock(epoch);
  await createKeyFile(disk, keyFile, null, entropy, clock.now());
  const keyRing = await openTestKeyRing(disk, keyFile, entropy, clock);
  for (const tenant of simTenants) await keyRing.addTenant(tenant);
  return { files: files.afterPowerCut({ kind: "drop" }), commits: [] };
}

async function emptyCatalogue(): Promise<Catalogue> {
  const catalogue = createMemoryCatalogue();
  for (const id of simTenants) await catalogue.addTenant({ id, name: id, createdAt: epoch });
  return catalogue;
}

/** A catalogue in memory whose transactions are steps of the files, and whose commits are kept in `commits`. */
async function durableCatalogue({ files, commits }: Ground): Promise<Catalogue> {
  const catalogue = await emptyCatalogue();
  for (const { tenant, change } of commits) await applied(catalogue, tenant, change);

  async function durable<Change extends CatalogueAction>(tenant: TenantId, change: Change) {
    files.step("commit", `catalogue of ${tenant}`);
    const answer = await applied(catalogue, tenant, change);
    commits.push({ tenant, change: wellFormed(change) });
    // Done and durable, and whoever asked may never hear of it.
    files.step("commit", `answer to ${tenant}`);
    return answer;
  }
  return {
    ...catalogue,
    commit: async (tenant, batch) => (await durable(tenant, { kind: "commit", batch })) as ReceiptOutcome[],
    merge: async (tenant, merge) => (await durable(tenant, { kind: "merge", merge })) as { receipts: number },
    forgetSuperseded: async (tenant, pack) => {
      await durable(tenant, { kind: "forget", pack });
    },
  };
}

function applied(catalogue: Catalogue, tenant: TenantId, change: CatalogueAction) {
  switch (change.kind) {
    case "commit":
      return catalogue.commit(tenant, change.batch);
    case "merge":
      return catalogue.merge(tenant, change.merge);
    case "forget":
      return catalogue.forgetSuperseded(tenant, change.pack);
  }
}

/** Starts everything in the order in which the server does. */
export async function startLife(ground: Ground, seed: number) {
  const { files } = ground;
  const clock = createSimClock(epoch);
  const entropy = createSimEntropy(seed);
  const log: { event: string; fields: Record<string, unknown> }[] = [];
  const disk = createSimDisk(files);
  await disk.settle(root);
  const keyRing = await openTestKeyRing(disk, keyFile, entropy, clock);
  const catalogue = await durableCatalogue(ground);
  const keyOfSalt = cachedKeys(keyRing.spoolKey);
  const spool = await openFileSpool({ disk, directory: spoolFolder, clock, entropy, spoolKey: keyOfSalt, bounds });
  const blobs = createFolderBlobStore(disk, blobFolder);
  // An index that kept its place: making it anew at every start would be most of the work and show nothing here.
  const search = openMemorySearch();
  for (const tenant of simTenants) await search.apply(tenant, [], await catalogue.lastChange(tenant));
  const openKey = keyRing.openPackKey;
  const openPacks = createPackOpener(blobs, openKey);
  const { partKey, createPackKey } = keyRing;
  const paced = throttled(blobs, createBandwidth(clock, eagerMerging.bytesPerSecond, eagerMerging.burstBytes));
  const merging = { blobs: paced, clock, openKey, partKey, createPackKey, catalogue };
  const archive = await startArchive(
    {
      spool,
      blobs,
      catalogue,
      search,
      clock,
      entropy,
      log: (event, fields) => log.push({ event, fields }),
      openKey,
      scrub: { disk, file: `${root}/run/scrub.json`, isRunning: false },
      reader: createArchivedReader({ blobs, catalogue, openKey, clock, tools: noKeys }),
      merging: {
        write: (request) => mergePacks(merging, request),
        prove: (tenant, pack) => provePack(merging, tenant, pack),
        halt: async () => undefined,
        // Half of all runs keep what was merged, so that both are found side by side; the others remove it at once.
        bounds: { ...eagerMerging, graceMs: seed % 2 === 0 ? 0 : keptMs },
        isRunning: true,
      },
      typeOf: async () => "standard",
      writeBatch: (request) =>
        disk.reading((readAt) =>
          writeBatch(
            {
              blobs,
              clock,
              load: (item) => gather(readSpooled(readAt, spoolFolder, keyOfSalt, item), item.bytes),
              knownMessages: (tenant, digests) => catalogue.knownMessages(tenant, digests),
              knownParts: (tenant, names) => catalogue.parts(tenant, names),
              partKey: keyRing.partKey,
              openPack: openPacks,
              createPackKey: keyRing.createPackKey,
            },
            request,
          ),
        ),
    },
    simTenants,
  );
  return { files, clock, entropy, log, spool, blobs, catalogue, openKey, partKey, archive };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Turns without a call of the files after which nobody is at work; time is moved on then. */
const stillTurns = 6;
/** Moves of time in a row, each of a second, after which nothing will happen any more. */
const movesMax = 120;

/**
 * Lets the world run until `isDone`, moving its clock when everybody waits. False when the power failed first.
 *
 * @throws when nothing moves any more: a promise that is never kept
 */
export async function drive({ files, clock }: Pick<Life, "files" | "clock">, isDone: () => boolean): Promise<boolean> {
  let still = 0;
  let moves = 0;
  for (let calls = -1; !isDone(); ) {
    await turn();
    if (files.calls !== calls) {
      calls = files.calls;
      still = 0;
      continue;
    }
    still += 1;
    if (still < stillTurns) continue;
    if (files.isCut) return false;
    assert.ok(moves < movesMax, "the world stands still and is not done");
    moves += 1;
    still = 0;
    await clock.advance(1_000);
  }
  return !files.isCut;
}

/** How the senders of a run behave. */
export interface Sending {
  mails: readonly SimMail[];
  senders: number;
  /** Attempts of each mail before its sender gives up. */
  attemptsMax: number;
  /** Between two mails of a sender, so that they do not gather into one batch; 0 when absent, in milliseconds. */
  pauseMs?: number;
}

/** One attempt; resolves with "through" or why not: the spool's state, or the code of the failure. */
async function sendOne(life: Life, ledger: Ledger, mail: SimMail, next: () => number): Promise<string> {
  const { spool, clock, entropy } = life;
  const receipt = `rcp_${timedId(clock.now(), entropy.bytes(10))}` as ReceiptId;
  const { kind } = spool.state();
  if (kind !== "open") return kind;
  const writer = spool.open();
  ledger.begin(receipt, mail);
  try {
    for (let start = 0; start < mail.bytes.length; ) {
      const end = start + 1 + Math.floor(next() * Math.min(mail.bytes.length, 150_000));
      await writer.write(mail.bytes.subarray(start, end));
      if (next() < 0.3) await turn();
      start = end;
    }
    await writer.commit({
      receipt,
      destination: {
        tenant: mail.tenant,
        connector: `con_${mail.type}` as ConnectorId,
        type: mail.type,
        maxAgeDays: null,
      },
      hop: {
        transport: "smtp",
        peer: "192.0.2.1:25",
        helo: null,
        tls: null,
        mailFrom: "",
        rcptTo: ["journal@example.com"],
        uidl: null,
        begunAt: clock.now(),
      },
      sourceKey: null,
      receivedAt: clock.now(),
    });
    ledger.answer(receipt, "acknowledged");
    return "through";
  } catch (error) {
    writer.abandon();
    if (!isFailure(error)) throw error;
    // With the power off nobody answers; otherwise the sender is told 4xx and comes again.
    if (!life.files.isCut) ledger.answer(receipt, "refused");
    return error.code;
  }
}

/** Starts the senders; each takes the next mail when its last one went through. `isDone` once all are answered. */
export function startSending(life: Life, ledger: Ledger, sending: Sending, seed: number) {
  const next = seeded(seed);
  const waiting = [...sending.mails];
  const facts = { done: 0, gaveUp: 0, answers: new Map<string, number>(), fault: undefined as unknown };
  async function sender(): Promise<void> {
    for (let mail = waiting.shift(); mail !== undefined; mail = waiting.shift()) {
      for (let idle = Math.floor(next() * 4); idle > 0; idle -= 1) await turn();
      let isThrough = false;
      for (let attempt = 0; attempt < sending.attemptsMax && !life.files.isCut; attempt += 1) {
        const answer = await sendOne(life, ledger, mail, next);
        facts.answers.set(answer, (facts.answers.get(answer) ?? 0) + 1);
        isThrough = answer === "through";
        if (isThrough) break;
        await life.clock.sleep(2_000);
      }
      if (life.files.isCut) return;
      if (!isThrough) facts.gaveUp += 1;
      await life.clock.sleep(sending.pauseMs ?? 0);
    }
    facts.done += 1;
  }
  for (let index = 0; index < sending.senders; index += 1)
    sender().catch((error) => {
      if (!(error instanceof PowerCut)) facts.fault ??= error;
    });
  return {
    facts,
    isDone: () => {
      if (facts.fault !== undefined) throw facts.fault;
      return facts.done === sending.senders;
    },
  };
}

/** Whether everything accepted is archived, and every pack merged that can be. */
export const isDrained = ({ spool, archive }: Life) =>
  [...spool.waiting()].every(({ id }) => archive.loop.stuck().has(id)) && archive.compaction.isAtRest();

async function allRows(catalogue: Catalogue, tenant: TenantId) {
  return catalogue.messagesAfter(tenant, null, Number.MAX_SAFE_INTEGER);
}

/** Everything a catalogue says of a tenant's archive. */
async function statementOf({ catalogue, blobs }: Pick<Life, "catalogue" | "blobs">, tenant: TenantId) {
  const superseded: string[] = [];
  // One whose blob went with the power at hand is only to be forgotten yet: of that the packs know nothing.
  for (const { pack, by } of await catalogue.superseded(tenant))
    if ((await blobs.stat(packBlobName({ tenant, pack }))) !== undefined) superseded.push(`${pack} by ${by}`);
  return {
    rows: await allRows(catalogue, tenant),
    packs: await catalogue.packs(tenant),
    superseded: superseded.sort(),
    changes: await catalogue.changes(tenant, 0, Number.MAX_SAFE_INTEGER),
    tallies: await catalogue.tallies(tenant),
  };
}

/**
 * Reads every byte of the archive and compares it with the ledger, with a catalogue rebuilt from packs alone, and with
 * what may lie in the folder.
 *
 * @throws LedgerBroken
 */
export async function checkLife(life: Life, ledger: Ledger): Promise<void> {
  const { catalogue, blobs, openKey, partKey, archive, files } = life;
  const rebuilt = await emptyCatalogue();
  const packs = new Set<string>();
  for (const tenant of simTenants) {
    const { damaged } = await archive.verify(tenant, { sample: null, since: null }, () => undefined);
    if (damaged.length > 0) throw new LedgerBroken("altered", JSON.stringify(damaged[0]));
    ledger.check(tenant, await allRows(catalogue, tenant));
    const proving = { blobs, catalogue: rebuilt, openKey, partKey };
    const prove = (of: TenantId, pack: PackId) => provePack(proving, of, pack);
    await adoptPacks({ ...proving, log: () => undefined, prove }, tenant, () => undefined);
    const statement = await statementOf(life, tenant);
    try {
      assert.deepEqual(await statementOf({ catalogue: rebuilt, blobs }, tenant), statement);
    } catch (error) {
      throw new LedgerBroken("catalogue", `rebuilt from packs it differs: ${String(error).slice(0, 2_000)}`);
    }
    const stored = [...statement.packs, ...(await catalogue.superseded(tenant))];
    for (const { blob } of stored) packs.add(`${blobFolder}/${blob}`);
  }
  for (const path of files.paths()) {
    const isOurs = path === keyFile || packs.has(path) || /^\/data\/spool\/(segment-\d+\.spool|reserve)$/.test(path);
    if (!isOurs) throw new LedgerBroken("left over", path);
  }
}

/** Ends a life in order, as SIGTERM does; nothing stays open. */
export async function endLife({ archive, spool, files }: Life): Promise<void> {
  await archive.stop();
  await spool.close();
  if (files.openHandles !== 0) throw new LedgerBroken("left over", `${files.openHandles} files are open after the end`);
}

/** No mail of these worlds is encrypted. */
const noKeys = async () => ({ keys: [], authorities: [] });
