import { placeOfDoor, providerRanges, recipesFor } from "#connector/index.ts";
import type { ConnectorId } from "#core/index.ts";
import { connectorChanges } from "../connector-changes.ts";
import { connectorJson } from "../connector-json.ts";
import { peerJson, peersJson, reachJson } from "../mail-door-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import { Connector } from "../schemas/connectors.ts";
import {
  Allowance,
  ConnectorLogin,
  ConnectorPeers,
  MailReach,
  ProviderRangesList,
  RecipeList,
  RefusalList,
} from "../schemas/mail-door.ts";
import { IdParams } from "../schemas/shared.ts";

const tags = ["connectors"];

/** The SMTP side of connectors: who came, who may come, and what the other side is to do. */
export const mailDoorRoutes: Routes = (api, { connectors, audit, mail, clock }) => {
  api.get(
    "/smtp",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "getMailReach",
        summary: "Addresses, ports and certificate of the SMTP listeners",
        tags,
        response: { 200: MailReach },
      },
    },
    async () => reachJson(mail.reach(), clock.now()),
  );

  api.get(
    "/smtp/providers",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listProviderRanges",
        summary: "Addresses that providers send mail from, as of when they were noted",
        tags,
        response: { 200: ProviderRangesList },
      },
    },
    async () => ({ data: providerRanges.map((provider) => ({ ...provider, ranges: [...provider.ranges] })) }),
  );

  api.get(
    "/smtp/refusals",
    {
      // They belong to no tenant, so they are for those who run the machinery.
      config: { permission: "connectors:write" },
      schema: {
        operationId: "listRefusals",
        summary: "What was answered 5xx and concerns no connector",
        tags,
        response: { 200: RefusalList },
      },
    },
    async () => ({ data: mail.peers(null).refused.map(peerJson) }),
  );

  api.get(
    "/connectors/:id/peers",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "getConnectorPeers",
        summary: "Who delivered, who was turned away, and what was refused",
        tags,
        params: IdParams,
        response: { 200: ConnectorPeers },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const { id } = await connectors.get(tenant, request.params.id as ConnectorId);
      return peersJson(mail.peers({ tenant, id }), mail.reach(), clock.now());
    },
  );

  api.get(
    "/connectors/:id/recipes",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listRecipes",
        summary: "How mail systems are made to send their journal to this connector",
        tags,
        params: IdParams,
        response: { 200: RecipeList },
      },
    },
    async (request) => {
      const found = await connectors.get(identityOf(request).tenant, request.params.id as ConnectorId);
      const { id, journalEmailAddress, type, smtp, rules } = found;
      const data = recipesFor({
        connector: id,
        journalEmailAddress,
        type,
        subAddress: rules?.subAddress === true,
        envelopeHeaders: rules?.envelopeHeaders ?? [],
        requireTls: smtp?.requireTls === true,
        hasLogin: (smtp?.login ?? null) !== null,
        ...placeOfDoor(mail.reach()),
      });
      return { data };
    },
  );

  api.post(
    "/connectors/:id/allow",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "allowSource",
        summary: "Permit one more address or range; repeating it changes nothing",
        tags,
        params: IdParams,
        body: Allowance,
        response: { 200: Connector },
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const before = await connectors.get(tenant, request.params.id as ConnectorId);
      const view = await connectors.allow(tenant, before.id, request.body.range);
      await audit.note(identityOf(request), "connector.edit", [view.id], connectorChanges(before, view));
      return reply.header("etag", `"${view.version}"`).send(connectorJson(view));
    },
  );

  api.post(
    "/connectors/:id/login",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "makeConnectorLogin",
        summary: "Make a login that senders must use from now on, instead of any before",
        tags,
        params: IdParams,
        response: { 201: ConnectorLogin },
      },
    },
    async (request, reply) => {
      const id = request.params.id as ConnectorId;
      const made = await connectors.makeLogin(identityOf(request).tenant, id);
      await audit.note(identityOf(request), "connector.login", [id], "made");
      return reply.code(201).send(made);
    },
  );

  api.delete(
    "/connectors/:id/login",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "dropConnectorLogin",
        summary: "Ask senders for no login any more",
        tags,
        params: IdParams,
        response: { 200: Connector },
      },
    },
    async (request, reply) => {
      const view = await connectors.dropLogin(identityOf(request).tenant, request.params.id as ConnectorId);
      await audit.note(identityOf(request), "connector.login", [view.id], "dropped");
      return reply.header("etag", `"${view.version}"`).send(connectorJson(view));
    },
  );
};
