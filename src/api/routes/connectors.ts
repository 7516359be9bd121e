import { type ConnectorId, Failure, maxAgeDaysOf } from "#core/index.ts";
import { connectorChanges } from "../connector-changes.ts";
import { connectorJson, connectorListJson } from "../connector-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import { Connector, ConnectorChanges, ConnectorList, IfMatch, NewConnector } from "../schemas/connectors.ts";
import { IdParams } from "../schemas/shared.ts";

const tags = ["connectors"];

/** Connectors: list, add, read, edit. */
export const connectorRoutes: Routes = (api, { connectors, audit, clock }) => {
  api.get(
    "/connectors",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listConnectors",
        summary: "Connectors, by description",
        tags,
        response: { 200: ConnectorList },
      },
    },
    async (request) => connectorListJson(await connectors.list(identityOf(request).tenant), clock.now()),
  );

  api.post(
    "/connectors",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "addConnector",
        summary: "Add an enabled connector",
        tags,
        body: NewConnector,
        response: { 201: Connector },
      },
    },
    async (request, reply) => {
      const { description, journalEmailAddress, type } = request.body;
      const { transport, pop3, smtp, rules } = request.body;
      if ((transport === "pop3") !== (pop3 !== undefined))
        throw new Failure("CON-MAILBOX", "never", "a POP3 connector, and no other, says where its mailbox is");
      const added = await connectors.add(identityOf(request).tenant, {
        description,
        journalEmailAddress,
        type,
        maxAgeDays: request.body.maxAgeDays === undefined ? maxAgeDaysOf(type) : request.body.maxAgeDays,
        pop3,
        smtp,
        rules,
      });
      await audit.note(identityOf(request), "connector.add", [added.id], connectorChanges(undefined, added));
      return reply.code(201).header("etag", `"${added.version}"`).send(connectorJson(added));
    },
  );

  api.get(
    "/connectors/:id",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "getConnector",
        summary: "One connector",
        tags,
        params: IdParams,
        response: { 200: Connector },
      },
    },
    async (request, reply) => {
      const found = await connectors.get(identityOf(request).tenant, request.params.id as ConnectorId);
      return reply.header("etag", `"${found.version}"`).send(connectorJson(found));
    },
  );

  api.patch(
    "/connectors/:id",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "editConnector",
        summary: "Change a connector; what is left out stays",
        tags,
        params: IdParams,
        headers: IfMatch,
        body: ConnectorChanges,
        response: { 200: Connector },
      },
    },
    async (request, reply) => {
      const version = versionOf(request.headers["if-match"]);
      const { tenant } = identityOf(request);
      const before = await connectors.get(tenant, request.params.id as ConnectorId);
      const edited = await connectors.edit(tenant, before.id, version, request.body);
      await audit.note(identityOf(request), "connector.edit", [edited.id], connectorChanges(before, edited));
      return reply.header("etag", `"${edited.version}"`).send(connectorJson(edited));
    },
  );
};

/** The version in If-Match, in quotes or bare. */
function versionOf(header: string | undefined): number {
  if (header === undefined) {
    throw new Failure("PRECONDITION-REQUIRED", "never", "say with If-Match which version you read");
  }
  const digits = /^"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (digits === undefined) throw new Failure("REQUEST-INVALID", "never", "If-Match is not the version of a connector");
  return Number(digits);
}
