import { Failure } from "#core/index.ts";

const sealedUntil = (what: string): string => `nothing was written; the mail is sealed until ${what}`;

/** The key file has been altered, cut or written over. */
export function keyFileDamaged(why: string): Failure {
  return new Failure("KEY-DAMAGED", "never", `the key file cannot be used: ${why}`, {
    publicText: "the key file cannot be used",
    effect: "nothing was written; the mail is sealed and needs this key file or its copy",
  });
}

/** The key file, or the form in which a pack's key is wrapped, is of a version that this code does not know. */
export function keyVersionUnknown(what: string): Failure {
  return new Failure("KEY-VERSION", "never", `${what} is of a newer version; install a newer muniment`, {
    effect: "nothing was written",
  });
}

/** The key file is protected, and no passphrase or another one was given. */
export function passphraseWrong(isGiven: boolean): Failure {
  const message = isGiven
    ? "the passphrase does not open the key file"
    : "the key file is protected and no passphrase was given";
  return new Failure("PASSPHRASE-WRONG", "never", message, { effect: sealedUntil("the right passphrase is given") });
}

/** The kit is whole and belongs to another key file, or a newer kit took its place. */
export function kitWrong(message: string): Failure {
  return new Failure("KIT-WRONG", "never", message, { effect: "nothing was written" });
}

/** There is nothing a kit could open. */
export function kitMissing(): Failure {
  return new Failure("KIT-MISSING", "never", "no recovery kit was ever made for this key file", {
    effect: "nothing was written",
  });
}
