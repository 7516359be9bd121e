import type { FastifyRequest } from "fastify";
import type { UndecidedPage } from "#archive/index.ts";
import { Failure, type MessageId, type ReceiptId } from "#core/index.ts";
import { reasonMeaning } from "../reasons.ts";
import { identityOf, type Routes } from "../routing.ts";
import { DecisionLine, NewDecision, type UndecidedItem, UndecidedList, UndecidedQuery } from "../schemas/quarantine.ts";
import { streamed } from "../schemas/shared.ts";
import { sendWork } from "../send-work.ts";
import { timeText } from "../times.ts";

const tags = ["quarantine"];
const pageDefault = 200;
/** Receipts of one entry in the audit log. */
const subjectsMax = 1_000;

/** What was quarantined or held, and what is decided about it. */
export const quarantineRoutes: Routes = (api, { archive, audit, logger }, streams) => {
  api.get(
    "/quarantine",
    {
      config: { permission: "quarantine:read" },
      schema: {
        operationId: "listQuarantine",
        summary: "What is quarantined or held and waits for a decision, oldest first, without its content",
        tags,
        querystring: UndecidedQuery,
        response: { 200: UndecidedList },
      },
    },
    async (request) => {
      const { limit = pageDefault, cursor = "0", reason = null } = request.query;
      const { tenant } = identityOf(request);
      const { items, reasons, next } = await archive.undecided(tenant, Number(cursor), limit, reason);
      return {
        data: items.map(itemJson),
        reasons: reasons.map((one) => ({ ...one, meaning: reasonMeaning(one.reason) })),
        nextCursor: next === null ? null : `${next}`,
      };
    },
  );

  api.post(
    "/quarantine/decisions",
    {
      config: { permission: "quarantine:decide" },
      schema: {
        operationId: "decideQuarantine",
        summary: "Read items again, archive them as they are, or discard them; each goes the way of all mail once more",
        tags,
        body: NewDecision,
        response: streamed(
          "application/x-ndjson",
          "JSON lines: progress, then one result or one problem",
          DecisionLine,
        ),
      },
    },
    (request, reply) => {
      const { what, ids = [], reason = null, why = null } = request.body;
      if (what === "discard" && (why === null || why.trim() === "")) {
        throw new Failure("DECISION-WHY", "never", "discarding needs a reason, which is put on record");
      }
      const who = identityOf(request);
      const { tenant } = who;
      const note = JSON.stringify({ why, ...(reason === null ? {} : { reason }) });
      const entered = async (receipts: readonly ReceiptId[]) => {
        for (let start = 0; start < receipts.length; start += subjectsMax)
          await audit.note(who, `quarantine.${what}`, receipts.slice(start, start + subjectsMax), note);
      };
      const decision = { what, ids: ids as (ReceiptId | MessageId)[], reason, by: nameOf(request), why, entered };
      return sendWork({ request, reply, logger, streams }, (report) => archive.decide(tenant, decision, report));
    },
  );
};

/** Who asks, as it is put on record. */
function nameOf(request: FastifyRequest): string {
  const { kind, label } = identityOf(request);
  return label === "" ? kind : `${kind} ${label}`;
}

function itemJson({ receipt, bytes }: UndecidedPage["items"][number]): UndecidedItem {
  const reason = receipt.reason ?? "unknown";
  return {
    id: receipt.receipt,
    message: receipt.message,
    connector: receipt.connector,
    state: receipt.state === "held" ? "held" : "quarantined",
    reason,
    meaning: reasonMeaning(reason),
    actions: ["retry", "accept", "discard"],
    receivedAt: timeText(receipt.receivedAt),
    archivedAt: timeText(receipt.archivedAt),
    bytes,
    from: receipt.hop.peer ?? receipt.hop.transport,
  };
}
