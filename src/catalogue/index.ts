/**
 * The record of what the archive holds, where, and under which rules.
 *
 * It knows entries, not how mail is read or stored. Every archive command takes its tenant first.
 */
export type { ArchiveCatalogue, Catalogue, InstallationCatalogue } from "./catalogue.ts";
export type * from "./entries.ts";
