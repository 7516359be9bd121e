/**
 * Reads messages out of files and containers, for `import`: EML, EMLX and MSG files, folders, mbox, Maildir, PST, and
 * ZIP, tar and gzip with any but PST inside.
 *
 * For the server it also runs whole imports, of uploads and of paths that its operator allowed, into whatever sink it is given.
 * It knows files and nothing of the archive. It reads only, follows no symbolic link below the paths it was given, and
 * writes nothing. What a container may cost is bounded by its `Budget`. docs/cli.md tells users what is taken for mail.
 */

export { createFileImports } from "./create-file-imports.ts";
export type {
  FileImport,
  FileImportReport,
  FileImports,
  FileReading,
  UploadFolder,
} from "./file-imports.ts";
export type { FoundMessage, Unquoting } from "./found.ts";
export { readSources } from "./read-sources.ts";
export { fitted, ImportTally, type Outcome, type RunCounts, type SourceOutcome } from "./tally.ts";
