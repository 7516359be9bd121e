import { identityOf, type Routes } from "../routing.ts";
import { TenantList } from "../schemas/access.ts";
import { timeText } from "../times.ts";

/** Which tenants there are, as far as one may know. */
export const tenantRoutes: Routes = (api, { access, clock }) => {
  api.get(
    "/tenants",
    {
      config: { permission: "session" },
      schema: {
        operationId: "listTenants",
        summary: "Your tenant; all of them for the local administrator",
        tags: ["tenants"],
        response: { 200: TenantList },
      },
    },
    async (request) => ({
      data: (await access.tenantsOf(identityOf(request))).map(({ id, name }) => ({ id, name })),
      nextCursor: null,
      asOf: timeText(clock.now()),
    }),
  );
};
