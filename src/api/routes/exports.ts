import { Type } from "typebox";
import { identityOf, type Routes } from "../routing.ts";
import { Count, strictObject } from "../schemas/shared.ts";

const NewExport = strictObject(
  {
    query: Type.String({ maxLength: 4_000, description: "what was searched for" }),
    messages: Type.Integer({ minimum: 0, description: "how many match" }),
  },
  { title: "NewExport" },
);

/** Exports, as the audit log knows them. Their messages are fetched one by one, as any other. */
export const exportRoutes: Routes = (api, { audit }) => {
  api.post(
    "/exports",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "beginExport",
        summary: "Say that all messages of a search are about to be fetched, which is put on record",
        tags: ["messages"],
        body: NewExport,
        response: { 201: strictObject({ messages: Count }, { title: "ExportBegun" }) },
      },
    },
    async (request, reply) => {
      const { query, messages } = request.body;
      await audit.note(identityOf(request), "export.begin", [], JSON.stringify({ query, messages }));
      return reply.code(201).send({ messages });
    },
  );
};
