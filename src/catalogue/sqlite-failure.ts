import { Failure } from "#core/index.ts";

/**
 * What a thrown thing means for the caller of a catalogue command. A {@link Failure} stays as it is.
 *
 * @param doing the command and the file it was about, for the log
 * @param remedy what an operator can do about a damaged file
 */
export function sqliteFailure(error: unknown, doing: string, remedy: string): Failure {
  if (error instanceof Failure) return error;
  const detail = error instanceof Error ? error.message : String(error);
  const code = primaryResultCode(error);
  if (code === busy || code === locked) {
    return new Failure("CATALOGUE-BUSY", "later", `${doing}: another process holds the file (${detail})`, {
      publicText: "the catalogue is busy",
      cause: error,
    });
  }
  const meaning = code === undefined ? undefined : meaningByCode[code];
  const advice = code === corrupt || code === notADatabase ? `; ${remedy}` : "";
  return new Failure("CATALOGUE-FAULT", "later", `${doing}: ${meaning ?? "fault"} (${detail})${advice}`, {
    publicText: "the catalogue cannot be used",
    cause: error,
  });
}

/** SQLite's result codes, https://sqlite.org/rescode.html; the low byte of an extended code is the primary one. */
const busy = 5;
const locked = 6;
const corrupt = 11;
const notADatabase = 26;
const meaningByCode: Record<number, string> = {
  8: "the file cannot be written",
  10: "the disk failed",
  [corrupt]: "the file is damaged",
  13: "the disk is full",
  14: "the file cannot be opened",
  19: "the entries contradict what is there",
  [notADatabase]: "the file is damaged",
};

function primaryResultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}
