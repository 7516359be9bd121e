import type { ArchiveUseCases, Progress } from "#archive/index.ts";
import type { SmimeTotals } from "#catalogue/index.ts";
import type { Clock, Instant, TenantId } from "#core/index.ts";
import type { Escrow, EscrowedCertificate } from "#escrow/index.ts";
import { readCertificates, readKeyFile, recipientKeysOf } from "#smime/index.ts";
import type { CertificateView, Decryption } from "./decryption.ts";

/** What decryption is built on. */
export interface DecryptionParts {
  escrow: Escrow;
  archive: Pick<ArchiveUseCases, "smimeTotals" | "openWaiting">;
  clock: Pick<Clock, "now">;
  /** Lets the threads that open mail ask for the tenant's keys again. */
  keysChanged(tenant: TenantId): Promise<void>;
}

/** Milliseconds between the moment a key is in escrow and the one at which it is at work, at the very most. */
const atWorkWithinMs = 60_000;

/** The keys of each tenant, in escrow and at work. */
export function createDecryption({ escrow, archive, clock, keysChanged }: DecryptionParts): Decryption {
  const viewed = async (tenant: TenantId, certificates: readonly EscrowedCertificate[]) => {
    const totals = await archive.smimeTotals(tenant);
    return { totals, certificates: certificates.map((one) => viewOf(one, totals)) };
  };

  async function open(
    tenant: TenantId,
    certificates: readonly EscrowedCertificate[],
    since: Instant,
    report: (progress: Progress) => void,
  ): Promise<number> {
    const recipients = keysOf(certificates).flatMap(({ facts }) => recipientKeysOf(facts));
    return (await archive.openWaiting(tenant, { recipients: [...new Set(recipients)], since }, report)).messages;
  }

  return {
    async list(tenant) {
      const known = await escrow.list(tenant);
      const { totals, certificates } = await viewed(tenant, known);
      const own = new Set(keysOf(known).flatMap(({ facts }) => recipientKeysOf(facts)));
      return {
        certificates,
        waiting: totals.waiting.filter(({ recipient }) => !own.has(recipient)),
        states: totals.states,
      };
    },

    async importKeys(tenant, file, passphrase, report, taken) {
      const added = await escrow.add(tenant, readKeyFile(file, passphrase));
      await taken((await viewed(tenant, added)).certificates);
      await keysChanged(tenant);
      const opened = await open(tenant, added, clock.now(), report);
      return { certificates: (await viewed(tenant, added)).certificates, opened };
    },

    async trust(tenant, file) {
      const trusted = await escrow.trust(tenant, readCertificates(file));
      await keysChanged(tenant);
      return (await viewed(tenant, trusted)).certificates;
    },

    async resume(tenant) {
      const known = await escrow.list(tenant);
      const newest = keysOf(known).reduce((latest, { addedAt }) => Math.max(latest, addedAt), 0);
      await open(tenant, known, (newest + atWorkWithinMs) as Instant, () => undefined);
    },
  };
}

function keysOf(certificates: readonly EscrowedCertificate[]): EscrowedCertificate[] {
  return certificates.filter(({ kind }) => kind === "key");
}

function viewOf({ kind, facts, addedAt }: EscrowedCertificate, { opened, waiting }: SmimeTotals): CertificateView {
  const { id, subject, issuer, serial, addresses, notBefore, notAfter } = facts;
  const names = new Set(recipientKeysOf(facts));
  const isKey = kind === "key";
  return {
    ...{ kind, id, subject, issuer, serial, addresses, notBefore, notAfter, addedAt },
    opened: isKey ? (opened.find(({ key }) => key === id)?.messages ?? 0) : 0,
    waiting: isKey
      ? Math.max(0, ...waiting.filter(({ recipient }) => names.has(recipient)).map(({ messages }) => messages))
      : 0,
  };
}
