import { Type } from "typebox";
import type { Instant } from "#core/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import { named, oneOf, orNull, strictObject, Time } from "../schemas/shared.ts";
import { timeText } from "../times.ts";

/** Entries of one page unless asked otherwise, and at most. */
const limitDefault = 50;
const limitMax = 200;

const AuditQuery = strictObject({
  cursor: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limitMax })),
  who: Type.Optional(
    Type.String({ maxLength: 254, description: "an e-mail, a token's label, or local administrator" }),
  ),
  action: Type.Optional(Type.String({ maxLength: 64 })),
  subject: Type.Optional(Type.String({ maxLength: 254, description: "an id that it was done to" })),
  since: Type.Optional(Time),
  until: Type.Optional(Time),
});

const AuditList = named("AuditList", {
  data: Type.Array(
    named("AuditEntry", {
      seq: Type.Integer({ minimum: 1, description: "number in the tenant's log, without gaps" }),
      at: Time,
      kind: oneOf(["person", "token", "local", "unknown"]),
      who: Type.String(),
      action: Type.String(),
      subjects: Type.Array(Type.String()),
      note: orNull(Type.String()),
      hash: Type.String({ description: "SHA-256 that covers the entry and the hash before it" }),
    }),
  ),
  nextCursor: orNull(Type.String({ description: "send it as cursor" })),
});

/** Reading the audit log. Nothing here can change it. */
export const auditRoutes: Routes = (api, { audit }) => {
  api.get(
    "/audit",
    {
      config: { permission: "audit:read" },
      schema: {
        operationId: "listAudit",
        summary: "Who did what, newest first",
        tags: ["audit"],
        querystring: AuditQuery,
        response: { 200: AuditList },
      },
    },
    async (request) => {
      const { cursor = null, limit = limitDefault, since, until, ...asked } = request.query;
      const entries = await audit.entries(identityOf(request).tenant, {
        ...asked,
        ...{ before: cursor, limit, since: instantOf(since), until: instantOf(until) },
      });
      const last = entries.length < limit ? undefined : entries.at(-1);
      return {
        data: entries.map(({ tenant: _, at, ...entry }) => ({ ...entry, at: timeText(at) })),
        nextCursor: last === undefined ? null : String(last.seq),
      };
    },
  );
};

function instantOf(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : (Date.parse(text) as Instant);
}
