import { Failure } from "#core/index.ts";
import { mayDecrypt, rowOf } from "../one-message.ts";
import { identityOf, type Routes } from "../routing.ts";
import { EntityQuery, OpenedEntities, PartQuery } from "../schemas/messages.ts";
import { IdParams } from "../schemas/shared.ts";
import { exactBytes, fileBytes, inOnePiece, mailFile, sendExact, sendFile } from "../send-exact.ts";

const tags = ["messages"];

/** What lies in a message: entities that were opened, and single parts. All of it is derived; the original stays beside it. */
export const openedRoutes: Routes = (api, { archive, audit }) => {
  api.get(
    "/messages/:id/opened",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "listOpened",
        summary: "What was opened in a message, by digest and without its content",
        tags,
        params: IdParams,
        response: { 200: OpenedEntities },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const opened = await archive.opened(tenant, await rowOf(archive, tenant, request.params.id));
      const { state = null, key = null, algorithm = null } = opened?.smime ?? {};
      const seen = (opened?.entities ?? []).filter(({ isDecrypted }) => mayDecrypt(request) || !isDecrypted);
      return {
        ...{ state, key, algorithm },
        entities: seen.map(({ path, sha256, bytes, isDecrypted, isAuthenticated }) => ({
          ...{ path, sha256, bytes, isDecrypted, isAuthenticated },
        })),
      };
    },
  );

  api.get(
    "/messages/:id/entity",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getRawEntity",
        summary: "The bytes of what lay in an encrypted, signed or compressed part",
        tags,
        params: IdParams,
        querystring: EntityQuery,
        response: exactBytes,
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const row = await rowOf(archive, tenant, request.params.id);
      const { bytes, sha256, isDecrypted } = await archive.entity(tenant, row, request.query.path);
      if (isDecrypted && !mayDecrypt(request)) {
        throw new Failure("SMIME-NO-ENTITY", "never", "nothing that you may see was opened at this place");
      }
      const action = isDecrypted ? "message.decrypted" : "message.download";
      await audit.note(identityOf(request), action, [row.id], request.query.path);
      return sendExact(reply, `${row.id}-opened`, { bytes: bytes.length, sha256 }, mailFile(inOnePiece(bytes)));
    },
  );

  api.get(
    "/messages/:id/part",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getPart",
        summary: "The content of one part or attachment, decoded, as a file to keep",
        tags,
        params: IdParams,
        querystring: PartQuery,
        response: fileBytes,
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const row = await rowOf(archive, tenant, request.params.id);
      const part = await archive.part(tenant, row, request.query.path);
      if (part.isDecrypted && !mayDecrypt(request)) {
        throw new Failure("PART-UNKNOWN", "never", "there is no part that you may see at this place");
      }
      const action = part.isDecrypted ? "message.decrypted" : "message.download";
      await audit.note(identityOf(request), action, [row.id], request.query.path);
      return sendFile(reply, part);
    },
  );
};
