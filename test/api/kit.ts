import { createHash } from "node:crypto";
import type { FastifyInstance, InjectOptions } from "fastify";
import pino from "pino";
import { createAccess, createAudit, createPassphrases, type Identity } from "#access/index.ts";
import { type ApiDependencies, createApi } from "#api/index.ts";
import type { Role } from "#catalogue/index.ts";
import { createConnectors } from "#connector/index.ts";
import type { Entropy, TenantId } from "#core/index.ts";
import { createMemoryCatalogue } from "../../src/catalogue/memory.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSmallArchive } from "./small-archive.ts";
import { createSmallBackups } from "./small-backups.ts";
import { createSmallQuarantine } from "./small-quarantine.ts";

export const acme = "acme" as TenantId;
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
  const access = createAccess({ catalogue, keyring, clock, entropy, passphrases });
  const connectors = createConnectors({ catalogue, archive, clock, entropy, smtpAddress: () => "127.0.0.1:2525" });
  const backups = createSmallBackups(clock);
  const quarantine = createSmallQuarantine({ catalogue, clock, entropy });
  const audit = createAudit({ catalogue, clock });
  return { audit, quarantine, clock, entropy, catalogue, keyring, passphrases, archive, backups, access, connectors };
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
