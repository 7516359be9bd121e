import { Readable } from "node:stream";
import type { ConnectorView, PeerLists } from "#connector/index.ts";
import { type ConnectorId, Failure, type Instant } from "#core/index.ts";
import {
  awaitCanary,
  type CanaryCall,
  canaryWord,
  type DoorCanary,
  type StepReport,
  type TestReport,
  testDoor,
} from "#extraction/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { identityOf, type Routes } from "../routing.ts";
import { type ExtractionTest, ExtractionTestLine, ExtractionTestList, TestQuery } from "../schemas/extraction.ts";
import { IdParams, streamed } from "../schemas/shared.ts";
import { stepLines } from "../step-lines.ts";
import { timeText, timeTextOrNull } from "../times.ts";

const tags = ["connectors"];

/** Test Journal Extraction: the whole road of a connector's mail, tried without changing anything. */
export const extractionTestRoutes: Routes = (api, parts, streams) => {
  const { collector, connectors, clock, logger } = parts;

  api.get(
    "/connectors/:id/tests",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listExtractionTests",
        summary: "Earlier tests of a connector's mailbox, newest first",
        tags,
        params: IdParams,
        response: { 200: ExtractionTestList },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const id = request.params.id as ConnectorId;
      const { transport } = await connectors.get(tenant, id);
      const tests = transport === "pop3" ? await collector.tests(tenant, id) : [];
      return { data: tests.map(testJson), nextCursor: null, asOf: timeText(clock.now()) };
    },
  );

  api.post(
    "/connectors/:id/tests",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "testExtraction",
        summary: "Test Journal Extraction: try a connector step by step; nothing is deleted",
        tags,
        params: IdParams,
        querystring: TestQuery,
        response: streamed(
          "application/x-ndjson",
          "JSON lines: steps, then one result or one problem",
          ExtractionTestLine,
        ),
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const connector = await connectors.get(tenant, request.params.id as ConnectorId);
      const { waitSeconds } = request.query;
      if (connector.transport === "pop3" && waitSeconds !== undefined)
        throw new Failure("CON-MAILBOX", "never", "mail is fetched for this connector: its own test reads the mailbox");
      const signal = streams.open(reply);
      const lines = stepLines(
        (told, called) =>
          connector.transport === "pop3"
            ? collector.test(tenant, connector.id, told, signal)
            : doorTest(parts, connector, { waitSeconds, told, called, signal }),
        testJson,
        { traceId: request.id, onFailure: (error) => logger.error({ traceId: request.id, err: error }, "test failed") },
      );
      return reply.type("application/x-ndjson").send(Readable.from(lines, { objectMode: false }));
    },
  );
};

interface DoorListener {
  waitSeconds: number | undefined;
  told(step: StepReport): void;
  called(canary: CanaryCall): void;
  signal: AbortSignal;
}

async function doorTest(parts: ApiDependencies, connector: ConnectorView, listener: DoorListener): Promise<TestReport> {
  const { mail, clock } = parts;
  const { id, tenant, version, enabled, journalEmailAddress, smtp, lastSuccessAt } = connector;
  const { doorways, certificate } = mail.reach();
  const { delivered, turnedAway } = mail.peers({ tenant, id });
  const facts = {
    ...{ journalAddress: journalEmailAddress, version, isEnabled: enabled, certificate, delivered, turnedAway },
    doorways: doorways.map(({ addresses, port, tls }) => ({
      place: `${addresses.join(" ")} port ${port}`,
      tls,
      command: `${addresses[0] ?? "HOST"}:${port}${tls === "starttls" ? " -starttls smtp" : ""}`,
    })),
    permitted: [...(smtp?.permitted ?? []), ...(smtp?.presets ?? [])],
    lastReceivedAt: lastSuccessAt,
  };
  const canary = listener.waitSeconds === undefined ? null : await canaryOf(parts, connector, listener.waitSeconds);
  if (canary !== null) listener.called(canary.call);
  return testDoor(facts, clock, canary, listener.told, listener.signal);
}

async function canaryOf(
  { archive, clock, connectors, entropy, mail }: ApiDependencies,
  { id, tenant, type, journalEmailAddress }: ConnectorView,
  seconds: number,
): Promise<DoorCanary> {
  const call = { word: canaryWord(entropy), address: journalEmailAddress, seconds };
  const names = await connectors.names(tenant);
  const wait = (signal: AbortSignal) =>
    awaitCanary(
      call,
      { id, type },
      {
        clock,
        find: async (word) => {
          const page = await archive.search(tenant, word, { limit: 1, after: null, zone: "UTC" });
          return page.kind === "page" ? page.items[0] : undefined;
        },
        changed: (ends) => archive.changed(ends),
        refusedSince: (since) => refusedSince(mail.peers({ tenant, id }), since),
        nameOf: (other) => names.get(other) ?? other,
      },
      signal,
    );
  return { call, wait };
}

function refusedSince({ turnedAway, refused }: PeerLists, since: Instant): string[] {
  return [
    ...turnedAway
      .filter(({ lastAt }) => lastAt >= since)
      .map(({ address, lacking }) => `${address} was turned away meanwhile: it lacks ${lacking}`),
    ...refused
      .filter(({ lastAt }) => lastAt >= since)
      .map(({ address, reply, command }) => `${address} was refused meanwhile at ${command}: ${reply}`),
  ];
}

function testJson({ facts: _, ...report }: TestReport): ExtractionTest {
  return { ...report, at: timeText(report.at), comparedWith: timeTextOrNull(report.comparedWith) };
}
