import { identityOf, type Routes } from "../routing.ts";
import { NewOwnDomains, OwnDomainList, OwnDomainsLine } from "../schemas/own-domains.ts";
import { streamed } from "../schemas/shared.ts";
import { sendWork } from "../send-work.ts";

const tags = ["tenants"];

/** The domains that are a tenant's own, by which the direction of mail is judged. */
export const ownDomainRoutes: Routes = (api, { archive, audit, logger }, streams) => {
  api.get(
    "/domains",
    {
      config: { permission: "connectors:read" },
      schema: {
        operationId: "listOwnDomains",
        summary: "The domains that are the tenant's own",
        tags,
        response: { 200: OwnDomainList },
      },
    },
    async (request) => ({ data: [...(await archive.ownDomains(identityOf(request).tenant))] }),
  );

  api.post(
    "/domains",
    {
      config: { permission: "connectors:write" },
      schema: {
        operationId: "setOwnDomains",
        summary: "Set them, and judge the direction of all mail by them",
        tags,
        body: NewOwnDomains,
        response: streamed(
          "application/x-ndjson",
          "JSON lines: progress, then one result or one problem",
          OwnDomainsLine,
        ),
      },
    },
    (request, reply) => {
      const { tenant } = identityOf(request);
      return sendWork({ request, reply, logger, streams }, async (report) => {
        const before = await archive.ownDomains(tenant);
        const result = await archive.setOwnDomains(tenant, request.body.domains, report);
        const after = await archive.ownDomains(tenant);
        await audit.note(identityOf(request), "domains.set", [], JSON.stringify({ before, after }));
        return result;
      });
    },
  );
};
