import { createHash } from "node:crypto";
import { MiB } from "#core/index.ts";
import { type Finding, failed, passed, warned } from "./report.ts";

/** Our own way of keeping mail, tried without mail. */
export interface Scratch {
  /** Whether the spool takes mail now: null when it does, else why not. */
  refusal(): string | null;
  /** Writes bytes to the data folder, durably, gives back what is read of them again, and removes them. */
  through(bytes: Uint8Array): Promise<Uint8Array>;
  /** Bytes that mean nothing, to be written. */
  bytes(count: number): Uint8Array;
  freeBytes(): Promise<number>;
}

/** Size of what is written for a trial, in bytes: as large as a usual mail. */
const trialBytes = 64 * 1024;
/** Free bytes below which space is warned of. */
const freeBytesWarned = 1024 * MiB;

/** Whether mail could be kept here now: written, read back, compared. Random bytes are used, so that no mail lies about. */
export async function writeFinding(scratch: Scratch): Promise<Finding> {
  const refusal = scratch.refusal();
  if (refusal !== null) return failed([refusal], "No mail is taken in here now.", "free space, or look into the log");
  const bytes = scratch.bytes(trialBytes);
  let read: Uint8Array;
  try {
    read = await scratch.through(bytes);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return failed([words], "Nothing can be written to the data folder.", "free space, or repair the disk");
  }
  const digest = (of: Uint8Array) => createHash("sha256").update(of).digest("hex");
  if (digest(bytes) !== digest(read))
    return failed(
      [`${trialBytes} bytes came back changed`],
      "The disk does not give back what was written.",
      "replace it",
    );
  const free = await scratch.freeBytes();
  const evidence = [`${trialBytes} bytes written, read back, the same, removed`, `${Math.floor(free / MiB)} MiB free`];
  if (free < freeBytesWarned) return warned("B", evidence, "The data folder is nearly full.", "free space");
  return passed(...evidence);
}
