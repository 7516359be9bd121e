import { Failure } from "#core/index.ts";
import type { Routes } from "../routing.ts";
import { Health } from "../schemas/status.ts";

/** For load balancers and supervisors; says nothing of mail. */
export const healthRoutes: Routes = (api, { isReady }) => {
  const config = { public: true };
  const tags = ["about"];
  api.get(
    "/livez",
    {
      config,
      exposeHeadRoute: true,
      schema: { operationId: "getLiveness", summary: "The process answers", tags, response: { 200: Health } },
    },
    async () => ({ status: "ok" }),
  );
  api.get(
    "/readyz",
    {
      config,
      exposeHeadRoute: true,
      schema: {
        operationId: "getReadiness",
        summary: "Mail can be taken; 503 when not",
        tags,
        response: { 200: Health },
      },
    },
    async () => {
      if (!isReady()) {
        throw new Failure("NOT-READY", "later", "not ready", {
          publicText: "mail cannot be taken just now",
          effect: "senders keep their mail and try again",
        });
      }
      return { status: "ok" };
    },
  );
};
