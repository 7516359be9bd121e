import { Type } from "typebox";
import { Failure, type Instant } from "#core/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import { Count, named, oneOf, orNull, strictObject, Time } from "../schemas/shared.ts";
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

const VerificationQuery = strictObject({
  seq: Type.Optional(
    Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: "of a head noted earlier" }),
  ),
  hash: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$", description: "of the same; both or neither" })),
});

const AuditVerification = named("AuditVerification", {
  ok: Type.Boolean(),
  entries: Count,
  head: orNull(
    named("AuditHead", {
      seq: Type.Integer({ description: "keep it elsewhere: it shows later what was cut off" }),
      hash: Type.String(),
    }),
  ),
  breaks: Type.Array(
    named("AuditBreak", { seq: Type.Integer(), kind: oneOf(["changed", "missing"]), words: Type.String() }),
  ),
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

  api.get(
    "/audit/verification",
    {
      config: { permission: "audit:read" },
      schema: {
        operationId: "verifyAudit",
        summary: "Whether the audit log is as it was written",
        tags: ["audit"],
        querystring: VerificationQuery,
        response: { 200: AuditVerification },
      },
    },
    async (request) => {
      const { seq, hash } = request.query;
      if ((seq === undefined) !== (hash === undefined))
        throw new Failure("REQUEST-INVALID", "never", "a head that was noted has both seq and hash");
      const noted = seq === undefined || hash === undefined ? null : { seq, hash };
      const found = await audit.verify(identityOf(request).tenant, noted);
      return { ok: found.breaks.length === 0, ...found };
    },
  );
};

function instantOf(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : (Date.parse(text) as Instant);
}
