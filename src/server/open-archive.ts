import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createAccess, createAudit, createPassphrases } from "#access/index.ts";
import { createApi } from "#api/index.ts";
import { type BatchRequest, mergeBounds, startArchive } from "#archive/index.ts";
import { createBackups } from "#backup/index.ts";
import { createCollector } from "#collector/index.ts";
import { createConnectors, createDirectory, destinationOf, type MailReach, openPeerBook } from "#connector/index.ts";
import { type ConnectorId, importConnectorId, type TenantId } from "#core/index.ts";
import { createDecryption } from "#decryption/index.ts";
import { createEscrow } from "#escrow/index.ts";
import { createFileImports } from "#import/index.ts";
import { readKeyFacts } from "#keyring/index.ts";
import { networkDial } from "#pop3/index.ts";
import { Crowd, type SmtpListener, type SmtpOptions, smtpLimits, startSmtp } from "#smtp/index.ts";
import type { Intake } from "#spool/index.ts";
import { makeRoom } from "#thread/index.ts";
import { createFolderBlobStore } from "../blob/folder.ts";
import { openSqliteCatalogue } from "../catalogue/sqlite.ts";
import { previousKeyFile, readKeyFileBytes } from "../keyring/key-file.ts";
import { createFileUidls } from "../pop3/file-uidls.ts";
import { openFileSpool } from "../spool/file-spool.ts";
import { createArchiveWorker } from "./archive-workers.ts";
import { watchCertificate } from "./certificate-files.ts";
import { dataFolder } from "./data-folder.ts";
import { claimUrl, freshClaim } from "./init-archive.ts";
import { keyFileWarning } from "./key-file-mode.ts";
import { lockFolder } from "./lock.ts";
import { createLogger, logTo } from "./logging.ts";
import { type Door, reachOf } from "./mail-reach.ts";
import { readPassphrase } from "./passphrase.ts";
import { openScratch } from "./scratch.ts";
import { sealedTexts } from "./sealed-texts.ts";
import { assertArchive, openStorage } from "./storage.ts";
import { systemClock, systemEntropy } from "./system.ts";
import { openUploadFolder } from "./upload-folder.ts";
import { type Address, LocalRequests, listenHttp, listenSocket, type WebListener } from "./web.ts";

/** How to open an archive. */
export interface OpenOptions {
  data: string;
  passphraseFile?: string;
  /** Null opens no such listener; the Unix socket for the command line is always opened. */
  listen: { http: Address | null; smtp: Address | null; smtps?: Address | null; socket: string };
  /** The mail listeners' certificate chain and its key, PEM files; without them there is no TLS. */
  tls?: { certificate: string; key: string };
  /** The name other mail servers reach the listeners by; the greeting says it too. */
  mailName?: string;
  /** Ranges of the proxies before the mail listeners, which must say by the PROXY protocol whom they speak for. */
  proxies?: readonly string[];
  /** Whether connectors may name hosts on this machine and in private networks. */
  allowPrivateHosts?: boolean;
  /** Absolute paths of folders that the console may import from. */
  importFolders?: readonly string[];
  /** Further authorities in PEM that mailbox servers' certificates may be signed by. */
  authorities?: readonly string[];
  /** What goes to standard error. */
  logLevel: "info" | "warn" | "silent";
}

/** An archive at work in this process. */
export interface RunningArchive {
  /** `host:port` really listened on; null where no listener was asked for. */
  http: string | null;
  smtp: string | null;
  /** The same where TLS comes first. */
  smtps: string | null;
  /** The one-time link for the first administrator; null once the archive is claimed. */
  claimUrl: string | null;
  /** Items accepted before this start and not archived then, and those of them that cannot be read. */
  resumed: number;
  /** What an operator should mend, in words; the archive works all the same. */
  warnings: readonly string[];
  damagedOnSpool: number;
  /** Reads the certificate's files again at once. */
  reload(): Promise<void>;
  /** Resolves once everything on the spool at the call is archived. */
  drained(): Promise<void>;
  /**
   * Finishes what was begun and lets go of the folder. When `hurry` aborts, open SMTP sessions are cut: what was not
   * answered 250 is the sender's to repeat.
   */
  close(hurry: AbortSignal): Promise<void>;
}

const root = new URL("../../", import.meta.url);

/** The product's version, from its package. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { version: string }).version;
}

/** Runs the steps last to first, each even when an earlier one failed; throws the first failure. */
async function undo(steps: (() => Promise<void> | void)[]): Promise<void> {
  let failure: unknown;
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

/**
 * Opens the archive in a data folder and runs everything: transports, archive loop, search, API. The composition root:
 * the one place where seams meet their adapters.
 *
 * @throws `ARCHIVE-MISSING`, `ARCHIVE-LOCKED`, `PASSPHRASE-WRONG`, `HTTP-LISTEN`, `SMTP-LISTEN`, `TLS-CERTIFICATE`,
 *   `ADDRESS-RANGE`, and what storage throws; then nothing is left open
 */
export async function openArchive(options: OpenOptions): Promise<RunningArchive> {
  const folder = dataFolder(resolve(options.data));
  const logger = createLogger(options.logLevel);
  const log = logTo(logger);
  const steps: (() => Promise<void> | void)[] = [];
  try {
    const passphrase = readPassphrase(options.passphraseFile);
    await assertArchive(folder);
    const warning = keyFileWarning(folder);
    const lock = lockFolder(folder, systemClock.now());
    steps.push(() => lock.release());
    const storage = await openStorage(folder, passphrase, log);
    steps.push(() => storage.close());
    const { disk, keyRing, catalogue, search, blobs, openKey } = storage;

    // A catalogue that was lost with its tenants gets them back from the keys: mail is never without its tenant.
    for (const id of keyRing.tenants()) await catalogue.addTenant({ id, name: id, createdAt: systemClock.now() });
    const tenants = (await catalogue.tenants()).map(({ id }) => id);

    const spool = await openFileSpool({
      disk,
      directory: folder.spool,
      clock: systemClock,
      entropy: systemEntropy,
      spoolKey: (salt) => keyRing.spoolKey(salt),
    });
    steps.push(() => spool.close());

    const escrow = createEscrow({
      ...{ disk, directory: folder.escrow, clock: systemClock },
      sealer: {
        seal: (tenant, context, secret) => keyRing.sealSecret(tenant, context, secret),
        open: (tenant, context, sealed) => keyRing.openSecret(tenant, context, sealed),
      },
    });
    const worker = createArchiveWorker(
      { catalogue, keyRing, escrow, log },
      { spool: folder.spool, blobs: folder.blobs },
    );
    steps.push(() => worker.stop());
    // A command that opens the archive for a moment remembers damage and does not read for it.
    const isServing = options.listen.http !== null || options.listen.smtp !== null;
    const scrub = { disk, file: folder.scrub, isRunning: isServing };
    const parts = { spool, blobs, catalogue, search, clock: systemClock, entropy: systemEntropy, log, openKey, scrub };
    // Apart from the one that mail waits for, which a fault in merging must not bring down.
    const merger = createArchiveWorker(
      { catalogue, keyRing, escrow, log },
      { spool: folder.spool, blobs: folder.blobs },
    );
    steps.push(() => merger.stop());
    const merging = {
      write: merger.mergePacks,
      prove: merger.provePack,
      halt: merger.stop,
      bounds: mergeBounds,
      isRunning: isServing,
    };
    const { reader } = worker;
    const writeBatch = (request: BatchRequest) => {
      const largestBytes = Math.max(...request.items.map(({ bytes }) => bytes));
      makeRoom(largestBytes);
      for (const heap of [...storage.heaps, merger]) heap.makeRoom(largestBytes);
      return worker.writeBatch(request);
    };
    const typeOf = async (tenant: TenantId, id: ConnectorId) =>
      id === importConnectorId
        ? "eej" // only what an import read as a report can have been quarantined as one
        : (await catalogue.connectors(tenant)).find((connector) => connector.id === id)?.type;
    const archive = await startArchive({ ...parts, merging, reader, writeBatch, typeOf }, tenants);
    steps.push(() => archive.stop());
    const decryption = createDecryption({
      ...{ escrow, archive, clock: systemClock },
      keysChanged: (tenant) => worker.forgetKeys(tenant),
    });
    // What an import of keys was interrupted at is opened now, beside everything else.
    for (const tenant of isServing ? tenants : [])
      decryption.resume(tenant).catch((error: unknown) => log("decryption.failed", { tenant, error: String(error) }));

    const { protection } = readKeyFacts(await readKeyFileBytes(disk, folder.keyFile));
    const backups = createBackups({
      ...{ disk, blobs, catalogue, spool, clock: systemClock, entropy: systemEntropy, log },
      openSnapshot: (directory) => openSqliteCatalogue({ directory, log }),
      openStore: (directory) => createFolderBlobStore(disk, directory),
      drained: () => archive.loop.drained(),
      holdPacks: () => archive.compaction.hold(),
      data: folder.root,
      files: [
        { from: folder.keyFile, as: "keys/keyring.json" },
        { from: previousKeyFile(folder.keyFile), as: "keys/keyring.json.previous" },
        { from: folder.settings, as: "muniment.yaml" },
        ...tenants.map((tenant) => ({ from: join(folder.escrow, `${tenant}.json`), as: `keys/escrow/${tenant}.json` })),
      ],
      installation: keyRing.fingerprint("backup", "installation"),
      product: productVersion(),
      // A passphrase may be at hand for a key file that has none.
      isKeyProtected: protection === "passphrase",
    });
    steps.push(() => backups.stop());

    const fingerprint = (login: string) => keyRing.fingerprint("smtp-login", login);
    const time = { clock: systemClock, log };
    const certificate = options.tls === undefined ? null : await watchCertificate(options.tls, time);
    steps.push(() => certificate?.stop());
    const doors: Door[] = [];

    const directory = createDirectory(catalogue, fingerprint);
    await directory.refresh();
    const peers = await openPeerBook({ disk, file: folder.peers, clock: systemClock, log });
    steps.push(() => peers.stop());
    const intake: Intake = {
      admit: (recipient, sender) => {
        const admission = directory.admit(recipient, sender);
        if (admission.kind === "unpermitted") {
          peers.book.turnedAway(sender, admission.destination, admission.lacking);
        }
        return admission;
      },
      state: () => spool.state(),
      open: () => spool.open(),
    };
    let smtp: SmtpListener | undefined;
    const stopSmtp = new AbortController();
    const memory = createFileUidls(disk, folder.pop3);
    const secrets = sealedTexts(keyRing);
    steps.push(() => memory.close());
    const collector = createCollector({
      ...{ catalogue, memory, clock: systemClock, entropy: systemEntropy, log },
      intake: { state: () => spool.state(), open: () => spool.open() },
      dial: networkDial(options.authorities),
      addresses: options.allowPrivateHosts === true ? { kind: "any" } : { kind: "public", allowed: [] },
      scratch: openScratch(disk, folder.run, systemEntropy, () => spool.state()),
      archived: (signal) => archive.changed(signal),
      changed: () => archive.noteChange(),
      destinationOf,
      secretOf: ({ tenant, id, pop3 }) => secrets.open(tenant, `pop3 ${id}`, pop3.sealedPassword),
      sealToken: ({ tenant, id }, token) => secrets.seal(tenant, `pop3-token ${id}`, token),
      openToken: ({ tenant, id }, sealed) => secrets.open(tenant, `pop3-token ${id}`, sealed),
    });
    steps.push(() => collector.stop());
    const connectors = createConnectors({
      catalogue,
      archive,
      clock: systemClock,
      entropy: systemEntropy,
      fingerprint,
      smtpAddress: () => (smtp === undefined ? "not listening" : `${smtp.host}:${smtp.port}`),
      sealPassword: (tenant, id, secret) => secrets.seal(tenant, `pop3 ${id}`, secret),
      mailboxState: (id) => collector.state(id),
    });
    connectors.onChange(async () => {
      await directory.refresh();
      if (isServing) await collector.refresh();
      archive.noteChange();
    });

    const reach = (): MailReach => reachOf(options.mailName ?? null, doors, certificate?.current() ?? null);
    const local = new LocalRequests();
    const audit = createAudit({ catalogue, clock: systemClock, log });
    steps.push(() => audit.settled());
    // Outside the catalogue, so that it can be seen later whether something was taken out of it.
    for (const tenant of isServing ? tenants : []) log("audit.head", { tenant, ...(await audit.head(tenant)) });
    const fileImports = createFileImports({
      sink: archive,
      uploads: await openUploadFolder(disk, folder.uploads),
      clock: systemClock,
      folders: options.importFolders ?? [],
      own: folder.root,
      changed: () => archive.noteChange(),
      failed: (id, error) => log("import.failed", { import: id, error: String(error) }),
    });
    steps.push(() => fileImports.stop());
    const app = await createApi({
      archive,
      fileImports,
      backups,
      decryption,
      access: createAccess({
        catalogue,
        keyring: keyRing,
        clock: systemClock,
        entropy: systemEntropy,
        passphrases: createPassphrases(systemEntropy),
      }),
      audit,
      connectors,
      collector,
      mail: { reach, peers: (owner) => peers.book.of(owner) },
      clock: systemClock,
      entropy: systemEntropy,
      logger,
      isLocal: (request) => local.isLocal(request),
      isReady: () => spool.state().kind === "open",
      isHttps: false,
      consoleDirectory: fileURLToPath(new URL("console/dist", root)),
      version: productVersion(),
    });
    await app.ready();
    const listeners: WebListener[] = [];
    steps.push(async () => {
      const closed = Promise.all(listeners.map((listener) => listener.close()));
      await app.close();
      await closed;
    });

    const surroundings: Omit<SmtpOptions, "host" | "port"> = {
      intake,
      ...time,
      entropy: systemEntropy,
      hostname: options.mailName ?? "muniment",
      proxies: options.proxies ?? [],
      crowd: new Crowd(smtpLimits, (address) => directory.expects(address)),
      authenticate: async (user, password) => directory.knowsLogin(user, password),
      hasLogins: () => directory.hasLogins(),
      delivered: (hop, destination) => peers.book.delivered(hop, destination),
      refused: (refusal) => {
        const { peer, command, reply, reason, recipient } = refusal;
        log("smtp-refused", { peer, command, reply, reason });
        peers.book.refused(refusal, recipient === null ? [] : directory.nearTo(recipient));
      },
      ...(certificate === null ? {} : { certificate: () => certificate.current() }),
    };
    const listenSmtp = async (address: Address, isTlsFirst: boolean) => {
      worker.warm();
      const listener = await startSmtp({ ...surroundings, ...address, isTlsFirst });
      steps.push(() => listener.stop(stopSmtp.signal));
      doors.push({ ...listener, isTlsFirst });
      return listener;
    };
    if (options.listen.smtp !== null) smtp = await listenSmtp(options.listen.smtp, false);
    const smtps = options.listen.smtps == null ? null : await listenSmtp(options.listen.smtps, true);
    const http = options.listen.http === null ? null : await listenHttp(app, options.listen.http);
    if (http !== null) listeners.push(http);
    const [first] = tenants;
    const secret = http === null || first === undefined ? null : await freshClaim(storage, first);
    // A command that opens the archive for a moment leaves the mailboxes alone.
    if (isServing) await collector.refresh();
    // Last, so that whoever can reach the socket reaches a server that is ready.
    listeners.push(await listenSocket(app, options.listen.socket, local));
    steps.push(() => rmSync(options.listen.socket, { force: true }));

    return {
      http: http?.at ?? null,
      smtp: smtp === undefined ? null : `${smtp.host}:${smtp.port}`,
      smtps: smtps === null ? null : `${smtps.host}:${smtps.port}`,
      claimUrl: http === null || secret === null ? null : claimUrl(http.at, secret),
      resumed: archive.resumed,
      damagedOnSpool: archive.damagedOnSpool.length,
      warnings: warning === undefined ? [] : [warning],
      reload: async () => certificate?.reload(),
      drained: () => archive.loop.drained(),
      close: async (hurry) => {
        const cut = () => stopSmtp.abort();
        hurry.addEventListener("abort", cut);
        if (hurry.aborted) cut();
        await undo(steps);
        logger.flush();
      },
    };
  } catch (error) {
    await undo(steps).catch(() => undefined);
    throw error;
  }
}
