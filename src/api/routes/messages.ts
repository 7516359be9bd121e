import type { FastifyRequest } from "fastify";
import { originalFile, shownMessage } from "#archive/index.ts";
import { Failure, type MessageId } from "#core/index.ts";
import { detailJson } from "../message-json.ts";
import { mayDecrypt, rowOf, unknownMessage } from "../one-message.ts";
import { identityOf, type Routes } from "../routing.ts";
import { MessageDetail, ReportQuery, ShownMessage } from "../schemas/messages.ts";
import { IdParams } from "../schemas/shared.ts";
import { exactBytes, mailFile, sendExact } from "../send-exact.ts";

const tags = ["messages"];

/** One message: read for display, and as the bytes it is. */
export const messageRoutes: Routes = (api, { archive, audit }) => {
  /** Seeing what was encrypted is entered as that. */
  const noteOpen = (request: FastifyRequest & { params: { id: string } }, isDecrypted: boolean) =>
    audit.note(identityOf(request), isDecrypted ? "message.decrypted" : "message.open", [request.params.id]);

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
      const isDecrypted = view.entities.some((entity) => entity.isDecrypted) && mayDecrypt(request);
      await noteOpen(request, isDecrypted);
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
      const isDecrypted = found.description.entities.some((entity) => entity.isDecrypted) && mayDecrypt(request);
      await noteOpen(request, isDecrypted);
      return shownMessage(found.row, found.description, {
        mayDecrypt: mayDecrypt(request),
        ownDomains: await archive.ownDomains(identityOf(request).tenant),
      });
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
