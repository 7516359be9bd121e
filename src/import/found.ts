import type { Bytes } from "#disk/index.ts";

/** One message that an import can offer to the archive. */
export interface FoundMessage {
  kind: "message";
  /** Names the place the message was read from, never its content: the same place always has the same key. */
  sourceKey: string;
  /** The place in words: the file's path, and the member inside it. */
  label: string;
  /** Length of the message in octets. */
  length: number;
  /** Whether `bytes` may be called again; false for a large member of a tar, which passes by once. */
  isRepeatable: boolean;
  /**
   * The message, without the `From ` line that a mailbox puts in front of it.
   *
   * When not repeatable, call it before asking for the next found thing and read it to its end, or return it: the
   * container waits. Iterating throws {@link Failure} `IMPORT-UNREADABLE` when the file cannot be read or has changed.
   */
  bytes(): Bytes;
}

/** What a reader of files comes across: a message, a thing that is no mail, or a thing that could not be read. */
export type Found =
  | FoundMessage
  | { kind: "ignored"; label: string; reason: string }
  | { kind: "unreadable"; label: string; reason: string };
