import { Readable } from "node:stream";
import type { ConnectorView } from "#connector/index.ts";
import type { ConnectorId, TenantId } from "#core/index.ts";
import { type TestReport, testDoor } from "#extraction/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { identityOf, type Routes } from "../routing.ts";
import { type ExtractionTest, ExtractionTestLine, ExtractionTestList } from "../schemas/extraction.ts";
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
      const signal = streams.open(reply);
      const lines = stepLines(
        (told) =>
          connector.transport === "pop3"
            ? collector.test(tenant, connector.id, told, signal)
            : Promise.resolve(doorTest(parts, tenant, connector)),
        testJson,
        { traceId: request.id, onFailure: (error) => logger.error({ traceId: request.id, err: error }, "test failed") },
      );
      return reply.type("application/x-ndjson").send(Readable.from(lines, { objectMode: false }));
    },
  );
};

function doorTest({ mail, clock }: ApiDependencies, tenant: TenantId, connector: ConnectorView): TestReport {
  const { id, version, enabled, journalEmailAddress, smtp, lastSuccessAt } = connector;
  const { doorways, certificate } = mail.reach();
  const { delivered, turnedAway } = mail.peers({ tenant, id });
  return testDoor(
    {
      ...{ journalAddress: journalEmailAddress, version, isEnabled: enabled, certificate, delivered, turnedAway },
      doorways: doorways.map(({ addresses, port, tls }) => ({ place: `${addresses.join(" ")} port ${port}`, tls })),
      permitted: [...(smtp?.permitted ?? []), ...(smtp?.presets ?? [])],
      lastReceivedAt: lastSuccessAt,
    },
    clock.now(),
  );
}

function testJson({ facts: _, ...report }: TestReport): ExtractionTest {
  return { ...report, at: timeText(report.at), comparedWith: timeTextOrNull(report.comparedWith) };
}
