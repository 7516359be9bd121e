import type { FastifyReply, FastifyRequest } from "fastify";
import type { Progress } from "#archive/index.ts";
import type { Instant } from "#core/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import { streamed } from "../schemas/shared.ts";
import { RebuildLine, Verification, VerificationLine } from "../schemas/work.ts";
import { sendWork } from "../send-work.ts";

const tags = ["archive"];
const lines = "JSON lines: progress, then one result or one problem";

/** Long work that tells how far it is, one JSON object a line. */
export const workRoutes: Routes = (api, { archive, audit, logger }, streams) => {
  const run = (
    request: FastifyRequest,
    reply: FastifyReply,
    work: (report: (progress: Progress) => void) => Promise<unknown>,
  ) => sendWork({ request, reply, logger, streams }, work);

  api.post(
    "/verifications",
    {
      config: { permission: "verify:run" },
      schema: {
        operationId: "verify",
        summary: "Read every stored byte, or a share of them, and compare with digests",
        tags,
        body: Verification,
        response: streamed("application/x-ndjson", lines, VerificationLine),
      },
    },
    (request, reply) => {
      const { sample = null, since } = request.body;
      const scope = { sample, since: since === undefined ? null : (Date.parse(since) as Instant) };
      return run(request, reply, async (report) => {
        await audit.note(identityOf(request), "archive.verify", [], JSON.stringify(request.body));
        return archive.verify(identityOf(request).tenant, scope, report);
      });
    },
  );

  api.post(
    "/search/rebuild",
    {
      config: { permission: "search:rebuild" },
      schema: {
        operationId: "rebuildSearch",
        summary: "Make the search index anew from the archive",
        tags,
        response: streamed("application/x-ndjson", lines, RebuildLine),
      },
    },
    (request, reply) =>
      run(request, reply, async (report) => {
        await audit.note(identityOf(request), "search.rebuild", []);
        return archive.rebuildSearch(identityOf(request).tenant, report);
      }),
  );
};
