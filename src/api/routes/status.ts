import { identityOf, type Routes } from "../routing.ts";
import { ArchiveStatus } from "../schemas/status.ts";
import { statusJson } from "../status-json.ts";

/** The equation: everything received is somewhere. */
export const statusRoutes: Routes = (api, { archive, connectors, mail }) => {
  api.get(
    "/status",
    {
      config: { permission: "status:read" },
      schema: {
        operationId: "getStatus",
        summary: "What was received, and where it all is",
        tags: ["status"],
        response: { 200: ArchiveStatus },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      return statusJson(await archive.status(tenant), await connectors.names(tenant), mail.reach());
    },
  );
};
