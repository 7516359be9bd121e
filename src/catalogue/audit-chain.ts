import { createHash } from "node:crypto";
import type { AuditDraft, AuditEntry } from "./entries.ts";

/**
 * The next entry of a tenant's audit log: its digest covers the digest before it, so that no entry can be changed or taken
 * out from among others without all after it showing that.
 */
export function chained(previous: Pick<AuditEntry, "seq" | "hash"> | undefined, draft: AuditDraft): AuditEntry {
  const seq = (previous?.seq ?? 0) + 1;
  return { ...draft, seq, hash: linkOf(previous?.hash ?? "", { ...draft, seq }) };
}

/** Whether `entry` follows `previous` unchanged; docs/formats/audit.md has what the digest covers. */
export function isLinked(previous: Pick<AuditEntry, "seq" | "hash"> | undefined, entry: AuditEntry): boolean {
  return entry.seq === (previous?.seq ?? 0) + 1 && entry.hash === linkOf(previous?.hash ?? "", entry);
}

function linkOf(
  before: string,
  { tenant, seq, at, kind, who, action, subjects, note }: Omit<AuditEntry, "hash">,
): string {
  const covered = JSON.stringify([before, tenant, seq, at, kind, who, action, subjects, note]);
  return createHash("sha256").update(covered).digest("hex");
}
