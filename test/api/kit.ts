import { createHash } from "node:crypto";
import type { FastifyInstance, InjectOptions } from "fastify";
import pino from "pino";
import { createAccess, createAudit, createPassphrases, type Identity } from "#access/index.ts";
import { type ApiDependencies, createApi } from "#api/index.ts";
import type { Role } from "#catalogue/index.ts";
import { createCollector, type MailboxState } from "#collector/index.ts";
import { createConnectors, destinationOf, type MailDoor, type MailReach, PeerBook } from "#connector/index.ts";
import type { ConnectorId, Entropy, Instant, TenantId } from "#core/index.ts";
import { createDecryption } from "#decryption/index.ts";
import { createEscrow } from "#escrow/index.ts";
import { createFileImports } from "#import/index.ts";
import { networkDial } from "#pop3/index.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { createMemoryDisk } from "../../src/disk/memory.ts";
import { createMemoryUidls } from "../../src/pop3/memory-uidls.ts";
import { MemoryIntake } from "../dialog/memory-intake.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSmallArchive } from "./small-archive.ts";
import { createSmallBackups } from "./small-backups.ts";

export const acme = "acme" as TenantId;
/** The folder of the server that may be imported from; there is no mail in it. */
export const importFolder = import.meta.dirname;
export const other = "other" as TenantId;

/** Bytes that never repeat and are the same in every run. */
export function createCountingEntropy(): Entropy {
  let count = 0;
  return {
    bytes(length) {
      count += 1;
      const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
        createHash("sha256").update(`${count} ${block}`).digest(),
      );
      return Buffer.concat(blocks).subarray(0, length);
    },
  };
}

/** How the listeners of the tests are reached. */
const smallReach: MailReach = {
  name: "archive.test",
  doorways: [{ addresses: ["127.0.0.1"], port: 2525, tls: "starttls" }],
  certificate: {
    subject: "CN=archive.test",
    sha256: "ab".repeat(32),
    validUntil: Date.parse("2030-01-11T12:00:00Z") as Instant,
  },
};

/** Everything the API stands on, in memory, with two tenants; and the access and connector use cases on top. */
export async function createParts() {
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const entropy = createCountingEntropy();
  const catalogue = createMemoryCatalogue();
  for (const [id, name] of [
    [acme, "Acme"],
    [other, "Other"],
  ] as const) {
    await catalogue.addTenant({ id, name, createdAt: clock.now() });
  }
  const keyring = {
    fingerprint: (purpose: string, text: string) => createHash("sha256").update(`${purpose}:${text}`).digest("hex"),
  };
  // The real thing at the least cost it allows, so that tests do not wait for it.
  const passphrases = createPassphrases(entropy, { memory: 8, passes: 1, parallelism: 1 });
  const archive = createSmallArchive(clock);
  const audit = createAudit({ catalogue, clock, log: () => undefined });
  const access = createAccess({ catalogue, keyring, clock, entropy, passphrases });
  const mailboxes = new Map<ConnectorId, MailboxState>();
  const connectors = createConnectors({
    catalogue,
    archive,
    clock,
    entropy,
    fingerprint: (text) => keyring.fingerprint("smtp-login", text),
    smtpAddress: () => "127.0.0.1:2525",
    sealPassword: async (_, id, password) => Buffer.from(`${id} ${password}`).reverse().toString("base64"),
    mailboxState: (id) => mailboxes.get(id) ?? null,
  });
  // Not begun: it knows no mailbox and works on none.
  const collector = createCollector({
    ...{ catalogue, clock, entropy, memory: createMemoryUidls(), dial: networkDial(), addresses: { kind: "any" } },
    intake: new MemoryIntake(),
    scratch: {
      refusal: () => null,
      bytes: (count) => entropy.bytes(count),
      through: async (bytes) => bytes,
      freeBytes: async () => Number.MAX_SAFE_INTEGER,
    },
    archived: async () => undefined,
    changed: () => undefined,
    destinationOf,
    secretOf: async () => "",
    sealToken: async () => "",
    openToken: async () => "",
    log: () => undefined,
  });
  const backups = createSmallBackups(clock);
  const fileImports = createFileImports({
    ...{
      sink: archive,
      clock,
      folders: [importFolder],
      own: "/archive",
      changed: () => archive.touch(),
      failed: () => undefined,
    },
    uploads: {
      keep: async (_, __, bytes) => {
        for await (const _piece of bytes);
        return "/nowhere";
      },
      remove: async () => undefined,
    },
  });
  const sealer = {
    seal: async (_: TenantId, __: string, secret: Uint8Array) => Buffer.from(secret).reverse(),
    open: async (_: TenantId, __: string, sealed: Uint8Array) => Buffer.from(sealed).reverse(),
  };
  const escrow = createEscrow({ disk: createMemoryDisk(), directory: "/escrow", sealer, clock });
  const decryption = createDecryption({ escrow, archive, clock, keysChanged: async () => undefined });
  const peers = new PeerBook(clock);
  const mail: MailDoor = { reach: () => smallReach, peers: (owner) => peers.of(owner) };
  return {
    decryption,
    clock,
    entropy,
    catalogue,
    keyring,
    passphrases,
    archive,
    fileImports,
    backups,
    access,
    audit,
    connectors,
    collector,
    mailboxes,
    peers,
    mail,
  };
}

/** The API on {@link createParts}, with a token for every role. */
export async function createKit(changes: Partial<ApiDependencies> = {}) {
  const parts = await createParts();
  const log: string[] = [];
  const api: FastifyInstance = await createApi({
    ...parts,
    logger: pino({ level: "debug" }, { write: (line: string) => log.push(line) }),
    isLocal: (request) => request.headers["x-test-local"] === "yes",
    isReady: () => true,
    isHttps: false,
    consoleDirectory: null,
    version: "1.2.3",
    ...changes,
  });
  const root = { kind: "local", role: "admin", person: null, label: "" } as const;
  const tokenOf = async (role: Role, tenant: TenantId = acme): Promise<string> => {
    const maker: Identity = { ...root, tenant };
    return (await parts.access.createToken(maker, { role, label: role, expiresInDays: 1 })).secret;
  };
  return {
    ...parts,
    api,
    log,
    tokenOf,
    /** A request with a token of this role. */
    async as(role: Role, request: InjectOptions, tenant: TenantId = acme) {
      const authorization = `Bearer ${await tokenOf(role, tenant)}`;
      return api.inject({ ...request, headers: { authorization, ...request.headers } });
    },
    [Symbol.asyncDispose]: () => api.close().then(() => {}),
  };
}
