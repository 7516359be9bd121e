import type { ArchiveUseCases } from "#archive/index.ts";
import type { Catalogue, ConnectorEntry } from "#catalogue/index.ts";
import {
  base32,
  type Clock,
  type ConnectorId,
  type Entropy,
  Failure,
  fold,
  foldAddress,
  isFailure,
  type TenantId,
} from "#core/index.ts";
import { ConnectorConflict } from "./connector-conflict.ts";
import type { Connectors, ConnectorView } from "./connectors.ts";
import { addressProblem } from "./journal-address.ts";
import { serviceStatus } from "./service-status.ts";

/** What the connectors are built on. */
export interface ConnectorParts {
  catalogue: Pick<Catalogue, "connectors" | "addConnector" | "editConnector">;
  archive: Pick<ArchiveUseCases, "status" | "flow">;
  clock: Pick<Clock, "now">;
  entropy: Entropy;
  /** Where sources reach our SMTP listener, as `host:port`; asked anew each time, since port 0 is settled late. */
  smtpAddress(): string;
}

/** Longest description in characters: it has to fit a table. */
export const descriptionCharactersMax = 120;
/** Largest age rule in days: a hundred years, beyond which it is off. */
const maxAgeDaysMax = 36_500;

/** The connectors of each tenant, as configured in the catalogue and with the archive's live numbers. */
export function createConnectors(parts: ConnectorParts): Connectors {
  const { catalogue, clock, entropy } = parts;
  const listeners = new Set<() => Promise<void> | void>();

  async function save(connector: ConnectorEntry, write: (connector: ConnectorEntry) => Promise<void>): Promise<void> {
    checkEntry(connector);
    checkIsFree(connector, await catalogue.connectors("every"));
    await write(connector);
    await Promise.all([...listeners].map((listener) => listener()));
  }

  async function stored(tenant: TenantId, id: ConnectorId): Promise<ConnectorEntry> {
    const found = (await catalogue.connectors(tenant)).find((connector) => connector.id === id);
    if (found === undefined) throw new Failure("CON-UNKNOWN", "never", "there is no such connector");
    return found;
  }

  const viewed = async (connector: ConnectorEntry): Promise<ConnectorView> => {
    const [view] = await viewsOf(parts, connector.tenant, [connector]);
    return view!;
  };

  return {
    list: async (tenant) => viewsOf(parts, tenant, await catalogue.connectors(tenant)),

    async names(tenant) {
      return new Map((await catalogue.connectors(tenant)).map(({ id, description }) => [id, description]));
    },

    get: async (tenant, id) => viewed(await stored(tenant, id)),

    async add(tenant, { description, journalEmailAddress, type, maxAgeDays }) {
      const connector: ConnectorEntry = {
        id: `con_${base32(entropy.bytes(10))}` as ConnectorId,
        tenant,
        description: description.trim(),
        enabled: true,
        journalEmailAddress: journalEmailAddress.trim(),
        transport: "smtp",
        type,
        maxAgeDays,
        createdAt: clock.now(),
        version: 1,
      };
      await save(connector, (entry) => catalogue.addConnector(entry).catch(asConflict));
      return viewed(connector);
    },

    async edit(tenant, id, version, changes) {
      const before = await stored(tenant, id);
      if (before.version !== version) throw stale(before.version);
      const connector: ConnectorEntry = {
        ...before,
        ...changes,
        description: (changes.description ?? before.description).trim(),
        journalEmailAddress: (changes.journalEmailAddress ?? before.journalEmailAddress).trim(),
        version: version + 1,
      };
      await save(connector, (entry) =>
        catalogue.editConnector(entry).catch(async (error: unknown) => {
          // Someone may have edited it since it was read, or taken the name: the catalogue says "conflict" to both.
          const now = await stored(tenant, id);
          if (isFailure(error, "CATALOGUE-CONFLICT") && now.version !== version) throw stale(now.version);
          asConflict(error);
        }),
      );
      return viewed(connector);
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Joins what is configured with the numbers of one moment. */
async function viewsOf(parts: ConnectorParts, tenant: TenantId, entries: ConnectorEntry[]): Promise<ConnectorView[]> {
  const status = await parts.archive.status(tenant);
  const numbersById = new Map(status.connectors.map((numbers) => [numbers.connector, numbers]));
  return entries.map((connector) => {
    const numbers = numbersById.get(connector.id);
    const flow = parts.archive.flow(tenant, connector.id);
    const { archived = 0, duplicate = 0, quarantined = 0, held = 0, processing = 0 } = numbers ?? {};
    const received = archived + duplicate + quarantined + held + processing;
    const { status, reason } = serviceStatus({ connector, received, quarantined: numbers?.undecided ?? quarantined });
    return {
      ...connector,
      hostname: parts.smtpAddress(),
      processingQueue: processing,
      oldestAgeSeconds: numbers?.oldestAgeSeconds ?? 0,
      status,
      statusReason: reason,
      lastSuccessAt: latest(flow.lastReceivedAt, numbers?.lastReceivedAt ?? null),
      archived,
      duplicate,
      quarantined,
      held,
      received,
    };
  });
}

function checkEntry({ description, journalEmailAddress, maxAgeDays }: ConnectorEntry): void {
  const length = [...description].length;
  if (length < 1 || length > descriptionCharactersMax) {
    throw new Failure("CON-DESCRIPTION", "never", `a description has 1 to ${descriptionCharactersMax} characters`);
  }
  const problem = addressProblem(journalEmailAddress);
  if (problem !== null) throw new Failure("CON-ADDRESS", "never", problem);
  const isAge = maxAgeDays === null || (Number.isInteger(maxAgeDays) && maxAgeDays >= 1 && maxAgeDays <= maxAgeDaysMax);
  if (!isAge) throw new Failure("CON-AGE", "never", `the age rule is 1 to ${maxAgeDaysMax} days, or off`);
}

/** The catalogue checks this again as it writes; here it is known which field is to blame. */
function checkIsFree(connector: ConnectorEntry, all: readonly ConnectorEntry[]): void {
  const address = foldAddress(connector.journalEmailAddress);
  const description = fold(connector.description);
  for (const other of all) {
    if (other.id === connector.id) continue;
    if (foldAddress(other.journalEmailAddress) === address) throw new ConnectorConflict("journalEmailAddress");
    if (other.tenant === connector.tenant && fold(other.description) === description) {
      throw new ConnectorConflict("description");
    }
  }
}

/** Someone was quicker between the check and the write. Which field it was is not told; the address is the likelier. */
function asConflict(error: unknown): never {
  throw isFailure(error, "CATALOGUE-CONFLICT") ? new ConnectorConflict("journalEmailAddress") : error;
}

function stale(version: number): Failure {
  return new Failure("CON-STALE", "never", `the connector was changed meanwhile and is at version ${version}`, {
    effect: "nothing was changed",
  });
}

function latest<T extends number>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
