import type { MessageRow } from "#catalogue/index.ts";
import { Failure, type MessageId, type TenantId } from "#core/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { detailJson } from "../message-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import { MessageDetail, ReportQuery } from "../schemas/messages.ts";
import { exactBytes, IdParams } from "../schemas/shared.ts";
import { sendExact } from "../send-exact.ts";

const tags = ["messages"];
/** One message: read for display, and as the bytes it is. */
export const messageRoutes: Routes = (api, { archive }) => {
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
      return detailJson(view);
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
      return sendExact(reply, row.id, row, await archive.original(tenant, row));
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
      return sendExact(reply, receipt.receipt, report, bytes);
    },
  );
};

async function rowOf(archive: ApiDependencies["archive"], tenant: TenantId, id: string): Promise<MessageRow> {
  const row = await archive.message(tenant, id as MessageId);
  if (row === undefined) throw unknownMessage();
  return row;
}

/** The same for what never was and for what is another tenant's. */
function unknownMessage(): Failure {
  return new Failure("MESSAGE-UNKNOWN", "never", "there is no such message");
}
