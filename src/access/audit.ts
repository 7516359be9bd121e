import type { AuditEntry, Catalogue } from "#catalogue/index.ts";
import type { Clock, TenantId } from "#core/index.ts";
import type { Identity } from "./access.ts";

/** Something worth an entry in the audit log; docs/formats/audit.md says when it is made. */
export type AuditAction =
  | "quarantine.retry"
  | "quarantine.accept"
  | "quarantine.discard"
  | "connector.add"
  | "connector.edit"
  | "token.create"
  | "claim"
  | "session.begin"
  | "session.end";

/** The record of who did what. Throws what the catalogue throws. */
export interface Audit {
  /** Resolves when the entry is durable. */
  note(who: Identity, action: AuditAction, subjects: readonly string[], note?: string | null): Promise<void>;
  /** Entries before this number, newest first. */
  entries(tenant: TenantId, page: { before: number | null; limit: number }): Promise<AuditEntry[]>;
}

/** The audit log of each tenant, in the catalogue. */
export function createAudit(parts: {
  catalogue: Pick<Catalogue, "addAudit" | "audit">;
  clock: Pick<Clock, "now">;
}): Audit {
  return {
    note: async ({ tenant, kind, label }, action, subjects, note = null) => {
      const at = parts.clock.now();
      await parts.catalogue.addAudit({ tenant, at, kind, who: label, action, subjects: [...subjects], note });
    },
    entries: (tenant, page) => parts.catalogue.audit(tenant, page),
  };
}
