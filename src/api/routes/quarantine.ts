import type { ConnectorId, ReceiptId } from "#core/index.ts";
import { Failure } from "#core/index.ts";
import { InvalidRequest } from "../problem.ts";
import { outcomeJson, quarantineItemJson, reasonsJson } from "../quarantine-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import {
  QuarantineDecision,
  QuarantineItem,
  QuarantineList,
  QuarantineOutcomes,
  QuarantineQuery,
  quarantinePageMax,
} from "../schemas/quarantine.ts";
import { exactBytes, IdParams } from "../schemas/shared.ts";
import { sendExact } from "../send-exact.ts";
import { timeText } from "../times.ts";

const tags = ["quarantine"];

/** What could not be handled or came too late: listing it and deciding about it. */
export const quarantineRoutes: Routes = (api, { quarantine, connectors, audit, clock }) => {
  api.get(
    "/quarantine",
    {
      config: { permission: "quarantine:read" },
      schema: {
        operationId: "listQuarantine",
        summary: "Quarantined and held items in the order they were archived, and counts by reason",
        tags,
        querystring: QuarantineQuery,
        response: { 200: QuarantineList },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const { reason = null, connector = null, show = "open", cursor = null, limit = 50 } = request.query;
      const asked = {
        reason,
        connector: connector as ConnectorId | null,
        discarded: show === "discarded",
        after: cursor,
        limit,
      };
      const [items, counts, names] = await Promise.all([
        quarantine.list(tenant, asked),
        quarantine.counts(tenant),
        connectors.names(tenant),
      ]);
      const last = items.length < limit ? undefined : items.at(-1);
      return {
        data: items.map((item) => quarantineItemJson(item, names)),
        nextCursor: last === undefined ? null : String(last.receipt.seq),
        reasons: reasonsJson(counts),
        asOf: timeText(clock.now()),
      };
    },
  );

  api.get(
    "/quarantine/:id",
    {
      config: { permission: "quarantine:read" },
      schema: {
        operationId: "getQuarantineItem",
        summary: "One item, by its receipt",
        tags,
        params: IdParams,
        response: { 200: QuarantineItem },
      },
    },
    async (request) => {
      const { tenant } = identityOf(request);
      const item = await quarantine.item(tenant, request.params.id as ReceiptId);
      if (item === undefined) throw unknownReceipt();
      return quarantineItemJson(item, await connectors.names(tenant));
    },
  );

  api.get(
    "/quarantine/:id/raw",
    {
      config: { permission: "messages:read" },
      schema: {
        operationId: "getRawQuarantineItem",
        summary: "The bytes that arrived, the journal report included",
        tags,
        params: IdParams,
        response: exactBytes,
      },
    },
    async (request, reply) => {
      const found = await quarantine.original(identityOf(request).tenant, request.params.id as ReceiptId);
      if (found === undefined) throw unknownReceipt();
      return sendExact(reply, found.receipt.receipt, found.original, found.body);
    },
  );

  api.post(
    "/quarantine/decisions",
    {
      config: { permission: "quarantine:decide" },
      schema: {
        operationId: "decideQuarantine",
        summary: "Retry, accept or discard items; nothing is deleted by any of it",
        tags,
        body: QuarantineDecision,
        response: { 200: QuarantineOutcomes },
      },
    },
    async (request) => {
      const who = identityOf(request);
      const { tenant, label: by } = who;
      const { action, receipts, reason, connector = null, cursor = null, note = null } = request.body;
      if ((receipts === undefined) === (reason === undefined)) throw unstated();
      // Before it is carried out: no decision is without its entry.
      const entered = (ids: readonly string[]) => audit.note(who, `quarantine.${action}`, ids, note);
      if (receipts !== undefined) {
        await entered(receipts);
        const outcomes = await quarantine.decide(tenant, { action, receipts: receipts as ReceiptId[], by, note });
        return { data: outcomes.map(outcomeJson), nextCursor: null };
      }
      const asked = { connector: connector as ConnectorId | null, discarded: false, after: cursor };
      const items = await quarantine.list(tenant, { ...asked, reason: reason ?? null, limit: quarantinePageMax });
      const ids = items.map(({ receipt }) => receipt.receipt);
      if (ids.length > 0) await entered(ids);
      const outcomes = await quarantine.decide(tenant, { action, receipts: ids, by, note });
      const last = items.length < quarantinePageMax ? undefined : items.at(-1);
      return { data: outcomes.map(outcomeJson), nextCursor: last === undefined ? null : String(last.receipt.seq) };
    },
  );
};

function unknownReceipt(): Failure {
  return new Failure("RECEIPT-UNKNOWN", "never", "there is no such receipt");
}

function unstated(): InvalidRequest {
  const detail = "name receipts, or a reason for all that wait for it";
  return new InvalidRequest("REQUEST-INVALID", detail, [{ pointer: "/receipts", detail }]);
}
