import { Readable } from "node:stream";
import { allows } from "#access/index.ts";
import { connectorListJson } from "../connector-json.ts";
import { eventLines } from "../event-lines.ts";
import { fileImportListJson } from "../file-import-json.ts";
import { presentedBy } from "../gate.ts";
import { identityOf, type Routes } from "../routing.ts";
import { streamed } from "../schemas/shared.ts";
import { statusJson } from "../status-json.ts";

/** Live values for the console. */
export const eventRoutes: Routes = (api, dependencies, streams) => {
  const { archive, connectors, access, clock, mail, fileImports } = dependencies;
  api.get(
    "/events",
    {
      config: { permission: "status:read" },
      schema: {
        operationId: "streamEvents",
        summary: "Events `connectors`, `status` and, for whoever may import, `imports`: a snapshot, then each change",
        tags: ["status"],
        response: streamed(
          "text/event-stream",
          "Server-sent events; `data` is what GET /connectors, GET /status and GET /imports answer",
          { type: "string" },
        ),
      },
    },
    async (request, reply) => {
      const { tenant, role } = identityOf(request);
      const presented = presentedBy(request, dependencies);
      const lines = eventLines({
        clock,
        signal: streams.open(reply),
        archiveChanged: (signal) => archive.changed(signal),
        onConnectorsChanged: (listener) => connectors.onChange(listener),
        // A stream outlives the request that was let in, so it is asked again who listens.
        isStillAllowed: async () => presented !== null && (await access.authenticate(presented)) !== undefined,
        snapshot: async () => {
          const names = await connectors.names(tenant);
          return {
            connectors: connectorListJson(await connectors.list(tenant), clock.now()),
            status: statusJson(await archive.status(tenant), names, mail.reach()),
            ...(allows(role, "imports:write") ? { imports: fileImportListJson(fileImports, tenant) } : {}),
          };
        },
      });
      return (
        reply
          .type("text/event-stream")
          // Proxies that collect answers before passing them on would hold events back for minutes.
          .header("x-accel-buffering", "no")
          .send(Readable.from(lines, { objectMode: false, highWaterMark: 1 }))
      );
    },
  );
};
