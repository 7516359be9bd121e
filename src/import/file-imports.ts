import type { Clock, FailureFacts, Instant, TenantId } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { Unquoting } from "./found.ts";
import type { Outcome, RunCounts, SourceOutcome } from "./tally.ts";

/** What an import offers its messages to; the archive, as far as an import knows it. */
export interface ImportSink {
  beginImport(tenant: TenantId): string;
  /** `known`: the same bytes came from the same place before. Throws what the archive throws; durable when it resolves. */
  offerImport(
    tenant: TenantId,
    run: string,
    item: {
      body: Bytes;
      sourceKey: string;
      label: string;
      type: "standard" | "eej";
      origin: { source: string; folder: string | null; owner: string | null; unquoted?: "mboxo" | "mboxrd" };
    },
  ): Promise<{ state: "accepted" | "known" }>;
  importRun(tenant: TenantId, run: string): RunCounts | undefined;
  importSources(tenant: TenantId, run: string): (RunCounts & { source: string })[] | undefined;
  /** Resolves when some count may have changed, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Where uploaded files lie until they are read. */
export interface UploadFolder {
  /**
   * Keeps the bytes in a folder of their own, under `name`; resolves with the folder's real path. When it throws, nothing
   * is left. Throws `IMPORT-NO-ROOM` when the disk would become too full.
   *
   * @param announced how many bytes will come; null when nobody said
   */
  keep(id: string, name: string, bytes: Bytes, announced: number | null): Promise<string>;
  /** Removes them; may be repeated. */
  remove(id: string): Promise<void>;
}

/** What the server's imports are made from. */
export interface FileImportParts {
  sink: ImportSink;
  uploads: UploadFolder;
  clock: Clock;
  /** Absolute paths of the folders the operator allowed to be read. */
  folders: readonly string[];
  /** The archive's own folder, which is never imported from. */
  own: string;
  /** Told when what {@link FileImports.list} says has changed. */
  changed(): void;
  /** Told what the person is not: the whole of a failure. */
  failed(id: string, error: unknown): void;
}

/** How the mail in a file is to be taken. */
export interface FileReading {
  /** standard: mails as they are; eej: Exchange envelope journal reports. */
  type: "standard" | "eej";
  /** The quoting to be taken off the messages of every mbox. */
  unquoting: Unquoting;
}

/**
 * `receiving`: the file is being uploaded. `waiting`: others are read first. `reading`: messages are found and offered.
 * `archiving`: all were offered. `done`: each is in its final state. `failed`: it ended early; see `problem`.
 */
export type FileImportState = "receiving" | "waiting" | "reading" | "archiving" | "done" | "failed";

/** An import that this server does by itself. */
export interface FileImport {
  id: string;
  from: "upload" | "path";
  /** The uploaded file's name, or the path on the server. */
  name: string;
  type: "standard" | "eej";
  state: FileImportState;
  beganAt: Instant;
  endedAt: Instant | null;
  /** Bytes uploaded so far, and those announced; both null for a path. */
  received: number | null;
  announced: number | null;
  /** Bytes of the messages that were offered so far. */
  bytes: number;
  /** So far, while it is not done. */
  outcome: Outcome;
  /** Why it failed. */
  problem: Pick<FailureFacts, "code" | "publicText" | "effect"> | null;
}

/** What became of an import, source by source, and what in it could not be read. */
export interface FileImportReport extends FileImport {
  sources: SourceOutcome[];
  /** The first of them; `outcome.unreadable` counts all. */
  unread: { label: string; reason: string }[];
}

/**
 * Imports that the server reads by itself, from files that were uploaded or lie in folders the operator allowed. Two are
 * read at once, the others wait. They are forgotten with the process; what they brought is not, and the same file again
 * adds nothing.
 */
export interface FileImports {
  readonly folders: readonly string[];
  /** Newest first; of those that ended only the last. */
  list(tenant: TenantId): FileImport[];
  /** Undefined when there is no such import, or no longer. */
  report(tenant: TenantId, id: string): FileImportReport | undefined;
  /**
   * Begins to read what lies at a path of this machine; resolves once it is begun, not when it is done.
   *
   * @param begun called with its id before anything is read; when it rejects, nothing is
   * @throws `IMPORT-PATH`, `IMPORT-BUSY`
   */
  readPath(
    tenant: TenantId,
    path: string,
    how: FileReading,
    begun: (id: string, path: string) => Promise<void>,
  ): Promise<FileImport>;
  /**
   * Takes a file, and reads it once it is whole; resolves when it is kept, not when it is read. It is removed when it was.
   *
   * @param announced bytes that will come; null when nobody said
   * @throws `IMPORT-NO-ROOM`, `IMPORT-BUSY`, and what reading `body` throws; then nothing of it is kept
   */
  readUpload(
    tenant: TenantId,
    file: { name: string; body: Bytes; announced: number | null },
    how: FileReading,
    begun: (id: string, name: string) => Promise<void>,
  ): Promise<FileImport>;
  /** Stops reading and resolves when nothing is under way; what was offered stays, what was uploaded is removed. */
  stop(): Promise<void>;
}
