import type { ArchiveCatalogue } from "#catalogue/index.ts";
import type { MessageId, TenantId } from "#core/index.ts";
import type { Indexer } from "./indexer.ts";
import type { Progress } from "./use-cases.ts";

/**
 * Messages that are read again at a time: new mail is searchable after at most as many, however many wait for a key.
 */
const slice = 100;

/**
 * Reads again what waits for a key of one of these recipients, and makes it searchable. Returns how many messages were read;
 * may be repeated.
 *
 * @param isNew whether these keys are new: only then is what a key of the same name failed to open worth another try, and
 *   without them a repeated call reads nothing
 */
export async function openWaiting(
  {
    catalogue,
    indexer,
  }: {
    catalogue: Pick<ArchiveCatalogue, "smime" | "smimeWaitingFor" | "readAgain">;
    indexer: Pick<Indexer, "covered">;
  },
  tenant: TenantId,
  { recipients, isNew }: { recipients: readonly string[]; isNew: boolean },
  report: (progress: Progress) => void,
): Promise<number> {
  const total = await countWaiting(catalogue, tenant, recipients);
  let done = 0;
  let after: MessageId | null = null;
  for (;;) {
    const ids: MessageId[] = await catalogue.smimeWaitingFor(tenant, recipients, after, slice);
    const last = ids.at(-1);
    if (last === undefined) return done;
    const tried = isNew ? ids : await untried(catalogue, tenant, ids);
    if (tried.length > 0) await indexer.covered(tenant, await catalogue.readAgain(tenant, tried));
    done += tried.length;
    after = last;
    report({ done, total: Math.max(done, total), unit: "messages" });
  }
}

/** Those of the messages that no key has been tried on. */
async function untried(
  catalogue: Pick<ArchiveCatalogue, "smime">,
  tenant: TenantId,
  ids: readonly MessageId[],
): Promise<MessageId[]> {
  const entries = await catalogue.smime(tenant, ids);
  return entries.filter(({ state }) => state === "encrypted-no-key").map(({ message }) => message);
}

/** Ids that are asked for at once while counting. */
const countedAtOnce = 10_000;

async function countWaiting(
  catalogue: Pick<ArchiveCatalogue, "smimeWaitingFor">,
  tenant: TenantId,
  recipients: readonly string[],
): Promise<number> {
  let count = 0;
  let after: MessageId | null = null;
  for (;;) {
    const ids: MessageId[] = await catalogue.smimeWaitingFor(tenant, recipients, after, countedAtOnce);
    count += ids.length;
    if (ids.length < countedAtOnce) return count;
    after = ids.at(-1)!;
  }
}
