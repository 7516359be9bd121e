import type { ArchiveUseCases } from "#archive/index.ts";
import type { Catalogue, ConnectorEntry, Pop3Settings } from "#catalogue/index.ts";
import type { MailboxState } from "#collector/index.ts";
import {
  base32,
  type Clock,
  type ConnectorId,
  type Entropy,
  Failure,
  fold,
  foldAddress,
  type Instant,
  isFailure,
  maxAgeDaysOf,
  must,
  type TenantId,
} from "#core/index.ts";
import { ConnectorConflict } from "./connector-conflict.ts";
import type { Connectors, ConnectorView } from "./connectors.ts";
import { addressProblem } from "./journal-address.ts";
import { type LoginFingerprint, loginText, newPassword } from "./login.ts";
import { changedMailbox, type Pop3Changes } from "./mailbox-settings.ts";
import { mailboxStatus } from "./mailbox-status.ts";
import { openToAll } from "./permission.ts";
import { changedRules, changedSmtp, withRange } from "./sending-rules.ts";
import { serviceStatus } from "./service-status.ts";
import { ageRuleOf, evidenceReceiptsMax, fidelityOf, sourceClocksOf } from "./source-evidence.ts";

/** What the connectors are built on. */
export interface ConnectorParts {
  catalogue: Pick<Catalogue, "connectors" | "addConnector" | "editConnector" | "evidence">;
  archive: Pick<ArchiveUseCases, "status" | "flow" | "clockDoubt">;
  clock: Pick<Clock, "now">;
  entropy: Entropy;
  /** What passwords of senders are kept as. */
  fingerprint: LoginFingerprint;
  /** Where sources reach our SMTP listener, as `host:port`; asked anew each time, since port 0 is settled late. */
  smtpAddress(): string;
  /** Seals for keeping what a mailbox is logged in to with. */
  sealPassword(tenant: TenantId, connector: ConnectorId, password: string): Promise<string>;
  /** How a connector's mailbox is doing; null where there is none, and until it is known. */
  mailboxState(connector: ConnectorId): MailboxState | null;
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

  async function sealedMailbox(
    tenant: TenantId,
    id: ConnectorId,
    before: Pop3Settings | undefined,
    changes: Pop3Changes,
  ): Promise<Pop3Settings> {
    const { settings, secret } = changedMailbox(before, changes);
    const sealedPassword = secret === null ? before?.sealedPassword : await parts.sealPassword(tenant, id, secret);
    must(sealedPassword !== undefined, "a mailbox has a password");
    return { ...settings, sealedPassword };
  }

  const viewed = async (connector: ConnectorEntry): Promise<ConnectorView> => {
    const [view] = await viewsOf(parts, connector.tenant, [connector]);
    return view!;
  };

  /** Changes an entry as it is now: for changes that do not depend on what someone has read. */
  async function change(
    tenant: TenantId,
    id: ConnectorId,
    how: (before: ConnectorEntry) => Partial<ConnectorEntry>,
  ): Promise<ConnectorEntry> {
    const before = await stored(tenant, id);
    const connector = { ...before, ...how(before), version: before.version + 1 };
    await save(connector, (entry) =>
      catalogue.editConnector(entry).catch((error: unknown) => {
        throw isFailure(error, "CATALOGUE-CONFLICT") ? stale(before.version + 1) : error;
      }),
    );
    return connector;
  }

  return {
    list: async (tenant) => viewsOf(parts, tenant, await catalogue.connectors(tenant)),

    async names(tenant) {
      return new Map((await catalogue.connectors(tenant)).map(({ id, description }) => [id, description]));
    },

    get: async (tenant, id) => viewed(await stored(tenant, id)),

    async add(tenant, { description, journalEmailAddress, type, maxAgeDays, pop3, smtp, rules }) {
      if (pop3 !== undefined && smtp !== undefined) throw notItsTransport("pop3");
      const id = `con_${base32(entropy.bytes(10))}` as ConnectorId;
      const connector: ConnectorEntry = {
        id,
        tenant,
        description: description.trim(),
        enabled: true,
        journalEmailAddress: journalEmailAddress.trim(),
        transport: pop3 === undefined ? "smtp" : "pop3",
        type,
        maxAgeDays,
        ...(pop3 === undefined ? {} : { pop3: await sealedMailbox(tenant, id, undefined, pop3) }),
        ...(smtp === undefined ? {} : { smtp: changedSmtp(undefined, smtp) }),
        ...(rules === undefined ? {} : { rules: changedRules(undefined, rules) }),
        createdAt: clock.now(),
        version: 1,
      };
      await save(connector, (entry) => catalogue.addConnector(entry).catch(asConflict));
      return viewed(connector);
    },

    async edit(tenant, id, version, changes) {
      const before = await stored(tenant, id);
      if (before.version !== version) throw stale(before.version);
      const { pop3, smtp, rules, ...plain } = changes;
      const foreign = before.transport === "pop3" ? smtp : pop3;
      if (foreign !== undefined) throw notItsTransport(before.transport);
      const connector: ConnectorEntry = {
        ...before,
        ...plain,
        ...(plain.type !== undefined && plain.type !== before.type && { maxAgeDays: maxAgeDaysOf(plain.type) }),
        ...(plain.maxAgeDays !== undefined && { maxAgeDays: plain.maxAgeDays }),
        ...(pop3 === undefined ? {} : { pop3: await sealedMailbox(tenant, id, before.pop3, pop3) }),
        ...(smtp === undefined ? {} : { smtp: changedSmtp(before.smtp, smtp) }),
        ...(rules === undefined ? {} : { rules: changedRules(before.rules, rules) }),
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

    async allow(tenant, id, range) {
      return viewed(await change(tenant, id, ({ smtp }) => ({ smtp: withRange(smtp, range) })));
    },

    async makeLogin(tenant, id) {
      const password = newPassword(entropy);
      const login = parts.fingerprint(loginText(id, password));
      const connector = await change(tenant, id, ({ smtp }) => ({ smtp: { ...openToAll, ...smtp, login } }));
      return { user: connector.journalEmailAddress, password };
    },

    async dropLogin(tenant, id) {
      return viewed(await change(tenant, id, ({ smtp }) => ({ smtp: { ...openToAll, ...smtp, login: null } })));
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
  const evidence = await Promise.all(
    entries.map(({ id }) => parts.catalogue.evidence(tenant, id, evidenceReceiptsMax)),
  );
  const doubt = parts.archive.clockDoubt(
    status.connectors.reduce<Instant | null>((newest, { lastReceivedAt }) => latest(newest, lastReceivedAt), null),
  );
  return entries.map((connector, index) => {
    const numbers = numbersById.get(connector.id);
    const flow = parts.archive.flow(tenant, connector.id);
    const { archived = 0, duplicate = 0, quarantined = 0, held = 0, processing = 0 } = numbers ?? {};
    const received = archived + duplicate + quarantined + held + processing;
    const oldestAgeSeconds = numbers?.oldestAgeSeconds ?? 0;
    const lastReceivedAt = latest(flow.lastReceivedAt, numbers?.lastReceivedAt ?? null);
    const state = connector.pop3 === undefined ? null : parts.mailboxState(connector.id);
    const now = parts.clock.now();
    const { status, reason } =
      connector.pop3 === undefined || !connector.enabled
        ? serviceStatus({ connector, received, quarantined })
        : mailboxStatus({ state, quarantined, oldestAgeSeconds, lastReceivedAt, now });
    return {
      ...connector,
      hostname: connector.pop3 === undefined ? parts.smtpAddress() : placeOf(connector.pop3),
      mailbox: state,
      processingQueue: processing,
      oldestAgeSeconds,
      status,
      statusReason: reason,
      lastSuccessAt: connector.pop3 === undefined ? lastReceivedAt : (state?.succeededAt ?? lastReceivedAt),
      archived,
      duplicate,
      quarantined,
      held,
      received,
      fidelity: fidelityOf(evidence[index]!),
      sourceClocks: sourceClocksOf(evidence[index]!),
      ageRule: ageRuleOf(connector.maxAgeDays, doubt),
    };
  });
}

function placeOf({ host, port }: Pop3Settings): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function notItsTransport(transport: string): Failure {
  const message = `what was said is not about a ${transport.toUpperCase()} connector`;
  return new Failure("CON-MAILBOX", "never", message, { effect: "nothing was changed" });
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
