import type { ArchiveCatalogue, OwnDomainsCatalogue } from "#catalogue/index.ts";
import { Failure, type Log, type MessageId, type TenantId } from "#core/index.ts";
import { readDomain } from "./direction.ts";
import type { Indexer } from "./indexer.ts";
import type { Progress } from "./progress.ts";

/** Most own domains of one tenant: each is compared with each correspondent of a message. */
export const ownDomainsMax = 1_000;

/** Messages judged anew at a time: new mail is searchable after at most as many. */
const slice = 100;

/** The domains that are a tenant's own, by which the direction of its mail is judged. */
export interface OwnDomains {
  /** In the order of the alphabet; empty until they are set. */
  of(tenant: TenantId): Promise<readonly string[]>;
  /**
   * Sets them and judges all mail anew, in the background of intake; resolves with the number of messages when search knows
   * them. They count for new mail at once. A further call ends the one before. May be repeated.
   *
   * @throws `DOMAIN-MALFORMED`; nothing was changed then
   */
  set(
    tenant: TenantId,
    domains: readonly string[],
    report: (progress: Progress) => void,
  ): Promise<{ domains: string[]; messages: number }>;
  /** Goes on where a stop interrupted {@link OwnDomains.set}. */
  resume(tenant: TenantId): Promise<void>;
  stop(): void;
}

interface OwnDomainsParts {
  catalogue: ArchiveCatalogue & OwnDomainsCatalogue;
  indexer: () => Pick<Indexer, "covered">;
  log: Log;
}

/** Own domains over the catalogue; what was read of it is kept in memory. */
export function createOwnDomains({ catalogue, indexer, log }: OwnDomainsParts): OwnDomains {
  const known = new Map<TenantId, readonly string[]>();
  const runs = new Map<TenantId, object>();
  let isStopped = false;

  async function judgeAnew(tenant: TenantId, report: (progress: Progress) => void): Promise<number> {
    const run = {};
    runs.set(tenant, run);
    const { messages: total } = await catalogue.tallies(tenant);
    const isCurrent = () => !isStopped && runs.get(tenant) === run;
    let done = 0;
    let after: MessageId | null = null;
    while (isCurrent()) {
      const ids: MessageId[] = (await catalogue.messagesAfter(tenant, after, slice)).map(({ id }) => id);
      const last = ids.at(-1);
      if (last === undefined) {
        const { domains } = await catalogue.ownDomains(tenant);
        if (isCurrent()) await catalogue.putOwnDomains(tenant, { domains, isJudged: true });
        break;
      }
      await indexer().covered(tenant, await catalogue.readAgain(tenant, ids));
      done += ids.length;
      after = last;
      report({ done, total: Math.max(done, total), unit: "messages" });
    }
    return done;
  }

  async function of(tenant: TenantId): Promise<readonly string[]> {
    const domains = known.get(tenant) ?? (await catalogue.ownDomains(tenant)).domains;
    known.set(tenant, domains);
    return domains;
  }

  return {
    of,
    set: async (tenant, texts, report) => {
      const domains = [...new Set(texts.map(readOrRefuse))].sort();
      if (domains.length > ownDomainsMax) {
        throw new Failure("DOMAIN-MALFORMED", "never", `a tenant has at most ${ownDomainsMax} own domains`);
      }
      await catalogue.putOwnDomains(tenant, { domains, isJudged: false });
      known.set(tenant, domains);
      return { domains, messages: await judgeAnew(tenant, report) };
    },
    resume: async (tenant) => {
      if ((await catalogue.ownDomains(tenant)).isJudged) return;
      log("archive.judging_anew", { tenant });
      await judgeAnew(tenant, () => undefined);
    },
    stop: () => {
      isStopped = true;
    },
  };
}

function readOrRefuse(text: string): string {
  const domain = readDomain(text);
  if (domain !== null) return domain;
  throw new Failure("DOMAIN-MALFORMED", "never", `"${text.slice(0, 100)}" is no domain`);
}
