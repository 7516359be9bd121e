import type { Bytes } from "#disk/index.ts";

/** Where something was found. */
export interface Whence {
  /** What is reported on as one source: the container's file, or for single messages the folder they lie in. */
  source: string;
  /** The place in words: the file's path, and the member inside it. */
  label: string;
}

/** One message that an import can offer to the archive. */
export interface FoundMessage extends Whence {
  kind: "message";
  /** Names the place the message was read from, never its content: the same place always has the same key. */
  sourceKey: string;
  /** Folder of the mail: inside a container the path that it gives, else the folder on disk; null where there is none. */
  folder: string | null;
  /** Whose mail it is, as the container says; null when it says nothing. */
  owner: string | null;
  /** The variant of mbox whose quoting is taken off it; null where none is. */
  unquoted: Unquoting;
  /** Length of the message in octets. */
  length: number;
  /** Whether `bytes` may be called again; false for a large member of a container, which passes by once. */
  isRepeatable: boolean;
  /**
   * The message, without the `From ` line that a mailbox puts in front of it.
   *
   * When not repeatable, call it before asking for the next found thing and read it to its end, or return it: the
   * container waits. Iterating throws {@link Failure} `IMPORT-UNREADABLE` when the file cannot be read or has changed.
   */
  bytes(): Bytes;
}

/**
 * What a reader of files comes across: a message, a thing that is no mail, or a thing that could not be read; and of an mbox
 * at its end, which variant it was read as.
 */
export type Found =
  | FoundMessage
  | (Whence & { kind: "ignored"; reason: string })
  | (Whence & { kind: "unreadable"; reason: string })
  | (Whence & { kind: "variant"; variant: MboxVariant });

/**
 * How an mbox was read. `mboxcl` and `mboxcl2`: by Content-Length, which in the latter led over unquoted `From ` lines.
 * `mboxo` and `mboxrd`: unquoted, as somebody asked for. `mbox`: by its `From ` lines, `>From ` left as it stands.
 */
export type MboxVariant = "mbox" | "mboxo" | "mboxrd" | "mboxcl" | "mboxcl2";

/** Which quoting is taken off the lines of an mbox: none, or that of the variant somebody knows it to have. */
export type Unquoting = "mboxo" | "mboxrd" | null;
