import { messageBytesMax } from "#core/index.ts";
import { type StepReport, type TestReport, testMailbox } from "#extraction/index.ts";
import { resolveHost } from "#pop3/index.ts";
import type { CollectorTools, MailboxConnector } from "./collector.ts";
import { mailboxServer } from "./mailbox-server.ts";

/** Tests kept of each connector. */
export const testsKeptMax = 30;

/** Tests one mailbox and keeps the report; it is compared with the last one that passed. */
export async function extractionTest(
  parts: CollectorTools,
  connector: MailboxConnector,
  told: (step: StepReport) => void,
  signal: AbortSignal,
): Promise<TestReport> {
  const { catalogue, clock, dial, scratch, log, memory } = parts;
  const { id, tenant, pop3, version, type, maxAgeDays } = connector;
  const before = await catalogue.history(id, "test", testsKeptMax);
  const reports = before.map(({ facts }) => JSON.parse(facts) as TestReport);
  const report = await testMailbox(
    {
      server: await mailboxServer(parts, connector),
      ...{ version, type, maxAgeDays, messageBytesMax, keeps: pop3.retention.kind !== "delete" },
      known: (await memory.mailbox(tenant, id)).table,
    },
    {
      ...{ dial, clock, scratch },
      resolve: (host) => resolveHost(host, signal),
      lastPassed: reports.find(({ passed }) => passed) ?? null,
    },
    told,
    signal,
  );
  const seq = (before[0]?.seq ?? 0) + 1;
  const entry = { connector: id, kind: "test", seq, at: report.at, facts: JSON.stringify(report) } as const;
  await catalogue.putHistory(entry, testsKeptMax).catch((error: unknown) => {
    log("collector.history_failed", { tenant, connector: id, message: String(error) });
  });
  return report;
}
