import { readFileSync } from "node:fs";
import { Failure } from "#core/index.ts";

/**
 * The passphrase in a file, without its last line end; null when no file is named.
 *
 * @throws `PASSPHRASE-UNREADABLE`
 */
export function readPassphrase(file: string | undefined): string | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Failure("PASSPHRASE-UNREADABLE", "never", `the passphrase file ${file} cannot be read: ${code}`, {
      publicText: "the passphrase file cannot be read",
      effect: "nothing was written",
      cause: error,
    });
  }
}

/**
 * A passphrase that is to protect a key file from now on.
 *
 * @throws `PASSPHRASE-EMPTY`: an empty file is a mistake more often than a wish; `PASSPHRASE-UNREADABLE`
 */
export function readNewPassphrase(file: string | undefined): string | null {
  const passphrase = readPassphrase(file);
  if (passphrase !== "") return passphrase;
  throw new Failure("PASSPHRASE-EMPTY", "never", `the passphrase file ${file} is empty`, {
    publicText: "the passphrase file is empty",
    effect: "nothing was written",
  });
}
