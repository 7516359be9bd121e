/**
 * The record of what the archive holds, where, and under which rules.
 *
 * It knows entries, not how mail is read or stored. Every archive command takes its tenant first.
 *
 * On disk (sqlite.ts): `installation.sqlite` for tenants, connectors, people and credentials, and
 * `tenants/TENANT.sqlite` for what each tenant's archive holds; while open each has a `-wal` and a `-shm` file beside it.
 */
export { type AuditBreak, checkAudit } from "./audit-check.ts";
export type { ArchiveCatalogue, Catalogue, OwnDomainsCatalogue } from "./catalogue.ts";
export type * from "./entries.ts";
export { unreadDefect } from "./unread.ts";
