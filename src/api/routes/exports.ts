import { Type } from "typebox";
import { Failure } from "#core/index.ts";
import { mayDecrypt } from "../one-message.ts";
import { identityOf, type Routes } from "../routing.ts";
import { Count, oneOf, strictObject } from "../schemas/shared.ts";

const NewExport = strictObject(
  {
    query: Type.String({ maxLength: 4_000, description: "what was searched for" }),
    messages: Type.Integer({ minimum: 0, description: "how many match" }),
    form: Type.Optional(
      oneOf(
        ["original", "decrypted", "both"],
        "what is fetched of encrypted mail; the last two take messages:decrypted",
      ),
    ),
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
      const { query, messages, form = "original" } = request.body;
      if (form !== "original" && !mayDecrypt(request)) {
        const why = `the role ${identityOf(request).role} may not export what was encrypted (messages:decrypted)`;
        throw new Failure("AUTH-FORBIDDEN", "never", why);
      }
      await audit.note(identityOf(request), "export.begin", [], JSON.stringify({ query, messages, form }));
      return reply.code(201).send({ messages });
    },
  );
};
