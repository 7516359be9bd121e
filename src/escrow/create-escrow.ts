import { join } from "node:path";
import { type Clock, Failure, type TenantId } from "#core/index.ts";
import type { Disk } from "#disk/index.ts";
import { certificateFacts } from "#smime/index.ts";
import type { Escrow, EscrowedCertificate } from "./escrow.ts";
import { type EscrowEntry, readEscrowFile, writeEscrowFile } from "./escrow-file.ts";

/** Seals and opens secrets of one tenant, bound to a context. */
export interface SecretSealer {
  /** @param context what the secret is for; opening needs the same */
  seal(tenant: TenantId, context: string, secret: Uint8Array): Promise<Uint8Array>;
  /** @throws `KEY-WRONG` when tenant, context or a bit does not fit */
  open(tenant: TenantId, context: string, sealed: Uint8Array): Promise<Uint8Array>;
}

/** What the escrow is built on. */
export interface EscrowParts {
  disk: Disk;
  /** Where the files of the tenants lie. */
  directory: string;
  sealer: SecretSealer;
  clock: Pick<Clock, "now">;
}

/** Escrow in one file a tenant. Wants the folder's lock: it is the files' only user. */
export function createEscrow({ disk, directory, sealer, clock }: EscrowParts): Escrow {
  let changing: Promise<unknown> = Promise.resolve();
  const pathOf = (tenant: TenantId) => join(directory, `${tenant}.json`);
  const read = (tenant: TenantId) => readEscrowFile(disk, pathOf(tenant));

  /** One change at a time: two at once would each rewrite the file from the same old one. */
  function change(tenant: TenantId, wanted: readonly NewEntry[]): Promise<EscrowedCertificate[]> {
    const changed = changing.then(async () => {
      const entries = await read(tenant);
      const before = entries.length;
      for (const entry of wanted) {
        if (entries.some((known) => known.kind === entry.kind && known.certificate.equals(entry.certificate))) continue;
        const { privateKey } = entry;
        const context = contextOf(idOf(entry.certificate));
        const sealed = privateKey === null ? null : Buffer.from(await sealer.seal(tenant, context, privateKey));
        entries.push({ kind: entry.kind, certificate: entry.certificate, sealed, addedAt: clock.now() });
      }
      if (entries.length > before) await writeEscrowFile(disk, pathOf(tenant), entries);
      return entries
        .filter((entry) =>
          wanted.some(({ kind, certificate }) => kind === entry.kind && certificate.equals(entry.certificate)),
        )
        .map(shown);
    });
    changing = changed.catch(() => undefined);
    return changed;
  }

  return {
    list: async (tenant) => (await read(tenant)).map(shown),
    add: (tenant, { keys }) =>
      change(
        tenant,
        keys.map((key) => ({ kind: "key", ...key })),
      ),
    trust: (tenant, certificates) =>
      change(
        tenant,
        certificates.map((certificate) => ({ kind: "authority", certificate, privateKey: null })),
      ),
    async opening(tenant) {
      const entries = await read(tenant);
      const keys = [];
      for (const { certificate, sealed } of entries) {
        if (sealed === null) continue;
        const privateKey = Buffer.from(await sealer.open(tenant, contextOf(idOf(certificate)), sealed));
        keys.push({ certificate, privateKey });
      }
      return {
        keys,
        authorities: entries.filter(({ kind }) => kind === "authority").map(({ certificate }) => certificate),
      };
    },
  };
}

interface NewEntry {
  kind: EscrowEntry["kind"];
  certificate: Buffer;
  /** Null for an authority. */
  privateKey: Buffer | null;
}

const contextOf = (id: string) => `muniment.escrow\0${id}`;

function shown({ kind, certificate, addedAt }: EscrowEntry): EscrowedCertificate {
  return { kind, facts: factsOf(certificate), addedAt };
}

const idOf = (certificate: Buffer) => factsOf(certificate).id;

function factsOf(certificate: Buffer) {
  const facts = certificateFacts(certificate);
  if (facts !== null) return facts;
  throw new Failure("ESCROW-DAMAGED", "never", "an escrowed certificate cannot be read", {
    publicText: "the escrowed keys cannot be read",
    effect: "nothing was written; encrypted mail is archived and waits",
  });
}
