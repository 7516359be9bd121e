import type { FastifyReply, FastifyRequest } from "fastify";
import { allows } from "#access/index.ts";
import { type OriginalFile, originalFile, shownMessage } from "#archive/index.ts";
import type { MessageRow } from "#catalogue/index.ts";
import { Failure, type MessageId, type TenantId } from "#core/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { exactBody } from "../exact-body.ts";
import { detailJson } from "../message-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import { EntityQuery, MessageDetail, ReportQuery, ShownMessage } from "../schemas/messages.ts";
import { IdParams, streamed } from "../schemas/shared.ts";

const tags = ["messages"];
const exactBytes = streamed("message/rfc822", "The exact bytes, with Content-Length and Repr-Digest (RFC 9530)", {
  type: "string",
  format: "binary",
});

/** One message: read for display, and as the bytes it is. */
export const messageRoutes: Routes = (api, { archive, audit }) => {
  api.get(
    "/messages/:id",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getMessage",
        summary: "One message, read",
        tags,
        params: IdParams,
        response: { 200: MessageDetail },
      },
    },
    async (request) => {
      const view = await archive.view(identityOf(request).tenant, request.params.id as MessageId);
      if (view === undefined) throw unknownMessage();
      await audit.note(identityOf(request), "message.open", [request.params.id]);
      return detailJson(view, mayDecrypt(request));
    },
  );

  api.get(
    "/messages/:id/raw",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getRawMessage",
        summary: "The message's bytes",
        tags,
        params: IdParams,
        response: exactBytes,
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const row = await rowOf(archive, tenant, request.params.id);
      await audit.note(identityOf(request), "message.download", [row.id]);
      return sendExact(reply, row.id, row, await originalFile(await archive.original(tenant, row)));
    },
  );

  api.get(
    "/messages/:id/reading",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "readMessage",
        summary: "Everything understood of one message, with digests of its parts",
        tags,
        params: IdParams,
        response: { 200: ShownMessage },
      },
    },
    async (request) => {
      const found = await archive.describe(identityOf(request).tenant, request.params.id as MessageId);
      if (found === undefined) throw unknownMessage();
      await audit.note(identityOf(request), "message.open", [request.params.id]);
      return shownMessage(found.row, found.description, {
        mayDecrypt: mayDecrypt(request),
        ownDomains: await archive.ownDomains(identityOf(request).tenant),
      });
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
    "/messages/:id/report",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getRawReport",
        summary: "The bytes of a journal report around the message",
        tags,
        params: IdParams,
        querystring: ReportQuery,
        response: exactBytes,
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      const row = await rowOf(archive, tenant, request.params.id);
      const { receipt: index = row.receipts.findIndex(({ report }) => report !== null) } = request.query;
      const receipt = row.receipts[index];
      const report = receipt?.report ?? null;
      const bytes = receipt === undefined || report === null ? undefined : await archive.report(tenant, receipt);
      if (receipt === undefined || report === null || bytes === undefined) {
        throw new Failure("RECEIPT-NO-REPORT", "never", "this receipt has no journal report");
      }
      await audit.note(identityOf(request), "message.download", [row.id, receipt.receipt]);
      return sendExact(reply, receipt.receipt, report, mailFile(bytes));
    },
  );
};

function mayDecrypt(request: FastifyRequest): boolean {
  return allows(identityOf(request).role, "messages:decrypted");
}

async function* inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function mailFile(bytes: AsyncIterable<Uint8Array>): OriginalFile {
  return { extension: ".eml", mediaType: "message/rfc822", bytes };
}

async function rowOf(archive: ApiDependencies["archive"], tenant: TenantId, id: string): Promise<MessageRow> {
  const row = await archive.message(tenant, id as MessageId);
  if (row === undefined) throw unknownMessage();
  return row;
}

/** The same for what never was and for what is another tenant's. */
function unknownMessage(): Failure {
  return new Failure("MESSAGE-UNKNOWN", "never", "there is no such message");
}

/** Sends bytes with their length and digest, as a file to keep: a browser must not render mail by itself. */
function sendExact(
  reply: FastifyReply,
  name: string,
  facts: { bytes: number; sha256: string },
  file: OriginalFile,
): FastifyReply {
  const digest = Buffer.from(facts.sha256, "hex").toString("base64");
  return reply
    .type(file.mediaType)
    .header("content-length", facts.bytes)
    .header("repr-digest", `sha-256=:${digest}:`)
    .header("content-disposition", `attachment; filename="${name}${file.extension}"`)
    .send(exactBody(file.bytes, facts.bytes));
}
