import { type ConnectorId, Failure } from "#core/index.ts";
import { runJson } from "../mailbox-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import { MailboxRunLine, MailboxRunList } from "../schemas/mailbox.ts";
import { IdParams, streamed } from "../schemas/shared.ts";
import { sendWork } from "../send-work.ts";
import { timeText } from "../times.ts";

const tags = ["connectors"];
/** Runs in one answer: what is kept of a connector. */
const runsMax = 200;

/** Mailboxes of POP3 connectors: what was done with them, and doing it now. */
export const mailboxRoutes: Routes = (api, { collector, connectors, audit, clock, logger }, streams) => {
  api.get(
    "/connectors/:id/runs",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listMailboxRuns",
        summary: "What the runs over a connector's mailbox did, newest first",
        tags,
        params: IdParams,
        response: { 200: MailboxRunList },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const id = request.params.id as ConnectorId;
      const { transport } = await connectors.get(tenant, id);
      const runs = transport === "pop3" ? await collector.runs(tenant, id, runsMax) : [];
      return { data: runs.map(runJson), nextCursor: null, asOf: timeText(clock.now()) };
    },
  );

  api.post(
    "/connectors/:id/runs",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "runMailbox",
        summary: "Empty a connector's mailbox now, and wait until its mail is archived",
        tags,
        params: IdParams,
        response: streamed("application/x-ndjson", "JSON lines: one result or one problem", MailboxRunLine),
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const id = request.params.id as ConnectorId;
      const connector = await connectors.get(tenant, id);
      if (connector.transport !== "pop3")
        throw new Failure("CON-MAILBOX", "never", "mail is pushed to this connector; it has no mailbox to empty");
      await audit.note(identityOf(request), "connector.run", [id]);
      return sendWork({ request, reply, logger, streams }, async () => runJson(await collector.run(tenant, id)));
    },
  );
};
