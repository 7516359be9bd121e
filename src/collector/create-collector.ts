import { type ConnectorId, Failure, type TenantId } from "#core/index.ts";
import type { TestReport } from "#extraction/index.ts";
import { createAccessTokens } from "./access-tokens.ts";
import type { Collector, CollectorParts, CollectorTools, MailboxConnector } from "./collector.ts";
import { extractionTest, testsKeptMax } from "./extraction-test.ts";
import { MailboxLoop } from "./mailbox-loop.ts";
import type { RunFacts } from "./run-facts.ts";
import { createTurns } from "./turns.ts";

/** Mailboxes drained at a time: each may hold a few MiB of mail, and the archive takes no more than a few can bring. */
const drainsMax = 8;
/** Time between two signs of life in milliseconds. */
const beatEveryMs = 10_000;
/** How long an orderly end may take before sessions are cut, in milliseconds: QUIT may delete much. */
const stopPatienceMs = 10_000;

/** A collector that has begun nothing; `refresh` begins. */
export function createCollector(given: CollectorParts): Collector {
  const parts: CollectorTools = { ...given, tokens: createAccessTokens(given) };
  const { catalogue, clock, log } = parts;
  const turns = createTurns(drainsMax);
  const cut = new AbortController();
  const stopping = new AbortController();
  const loops = new Map<ConnectorId, MailboxLoop>();
  let reading: Promise<void> = Promise.resolve();

  let beating: Promise<void> | null = null;

  async function beat(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const loop of loops.values()) loop.beat();
      await clock.sleep(beatEveryMs, stopping.signal);
    }
  }

  async function read(): Promise<void> {
    for (const connector of await catalogue.connectors("every")) {
      if (!hasMailbox(connector)) continue;
      const known = loops.get(connector.id);
      if (known !== undefined) {
        known.change(connector);
        continue;
      }
      const loop = new MailboxLoop(parts, turns, connector, cut.signal);
      await loop.recall();
      if (stopping.signal.aborted) return;
      loops.set(connector.id, loop);
      loop.begin();
    }
  }

  function loopOf(tenant: TenantId, id: ConnectorId): MailboxLoop {
    const loop = loops.get(id);
    if (loop === undefined || loop.connector.tenant !== tenant)
      throw new Failure("CON-UNKNOWN", "never", "there is no such connector with a mailbox");
    return loop;
  }

  return {
    refresh() {
      beating ??= beat();
      reading = reading.then(read, read);
      return reading;
    },
    state: (connector) => loops.get(connector)?.state ?? null,
    run: async (tenant, id) => {
      const loop = loopOf(tenant, id);
      if (!loop.connector.enabled)
        throw new Failure("CON-DISABLED", "never", "the connector is disabled; enable it to take its mail");
      return loop.drain();
    },
    runs: async (tenant, id, limit) => {
      loopOf(tenant, id);
      return (await catalogue.history(id, "run", limit)).map(({ facts }) => JSON.parse(facts) as RunFacts);
    },
    test: (tenant, id, told, signal) =>
      loopOf(tenant, id).instead((connector) =>
        extractionTest(parts, connector, told, AbortSignal.any([signal, stopping.signal])),
      ),
    tests: async (tenant, id) => {
      loopOf(tenant, id);
      const entries = await catalogue.history(id, "test", testsKeptMax);
      return entries.map(({ facts }) => JSON.parse(facts) as TestReport);
    },
    async stop() {
      stopping.abort();
      await reading.catch(() => undefined);
      const ended = new AbortController();
      const patience = clock.sleep(stopPatienceMs, ended.signal).then(() => cut.abort());
      await Promise.all([...loops.values()].map((loop) => loop.stop()));
      await turns.idle();
      ended.abort();
      await Promise.all([patience, beating]);
      log("collector.stopped", { mailboxes: loops.size });
    },
  };
}

function hasMailbox(connector: { transport: string; pop3?: unknown }): connector is MailboxConnector {
  return connector.transport === "pop3" && connector.pop3 !== undefined;
}
