import { argon2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { type Entropy, Failure, must } from "#core/index.ts";

/** Shortest passphrase in characters. */
const passphraseCharactersMin = 12;
/** Longest passphrase in bytes: enough for any sentence, and bounds what is hashed for a stranger. */
export const passphraseBytesMax = 1024;

/** Makes and checks what is kept of passphrases. */
export interface Passphrases {
  /** The encoded hash that is kept, with a salt of its own: the same passphrase never has the same hash twice. */
  hash(passphrase: string): Promise<string>;
  /** Whether `encoded` was made from `passphrase`; false for one that is too long to have been taken. */
  verify(passphrase: string, encoded: string): Promise<boolean>;
  /** An encoded hash that no passphrase has, which takes as long to check as any other. */
  decoy(): string;
}

interface Costs {
  memory: number;
  passes: number;
  parallelism: number;
}

/**
 * What one guess costs: 19 MiB and 2 passes, the least that the OWASP password storage guide calls good. Memory is what
 * makes guessing on special hardware dear.
 */
const passphraseCosts: Costs = { memory: 19 * 1024, passes: 2, parallelism: 1 };

const saltBytes = 16;
const tagBytes = 32;
const derive = promisify(argon2);

/**
 * Argon2id with the salt and the costs in the encoded form, so that old hashes stay good when the costs rise.
 *
 * @see RFC 9106; the encoding is the PHC string format
 */
export function createPassphrases(entropy: Entropy, costs: Costs = passphraseCosts): Passphrases {
  return {
    async hash(passphrase) {
      const salt = entropy.bytes(saltBytes);
      const tag = await tagOf(passphrase, salt, costs, tagBytes);
      return encode(costs, salt, tag);
    },
    decoy: () => encode(costs, entropy.bytes(saltBytes), entropy.bytes(tagBytes)),
    async verify(passphrase, encoded) {
      const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(encoded);
      must(parts !== null, "a stored passphrase hash is in the form it was made in");
      const [memory, passes, parallelism] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
      const salt = Buffer.from(parts[4]!, "base64");
      const kept = Buffer.from(parts[5]!, "base64");
      // Cut to the limit, a long one costs no more than another; it cannot be right, since none so long was taken.
      const isTooLong = Buffer.byteLength(passphrase) > passphraseBytesMax;
      const tried = isTooLong ? passphrase.slice(0, passphraseCharactersMin) : passphrase;
      const tag = await tagOf(tried, salt, { memory, passes, parallelism }, kept.length);
      return timingSafeEqual(tag, kept) && !isTooLong;
    },
  };
}

/**
 * Checks that `passphrase` may be chosen. Length is all that is asked for: rules about characters make them weaker.
 *
 * @throws Failure `PASSPHRASE-SHORT`, `PASSPHRASE-LONG`
 */
export function checkPassphrase(passphrase: string): void {
  if ([...passphrase].length < passphraseCharactersMin) {
    throw new Failure("PASSPHRASE-SHORT", "never", `a passphrase has at least ${passphraseCharactersMin} characters`);
  }
  if (Buffer.byteLength(passphrase) > passphraseBytesMax) {
    throw new Failure("PASSPHRASE-LONG", "never", `a passphrase has at most ${passphraseBytesMax} bytes`);
  }
}

function encode({ memory, passes, parallelism }: Costs, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** The same text typed on another keyboard may be composed differently, so it is normalised first (RFC 8265 §4.2). */
function tagOf(passphrase: string, salt: Buffer, costs: Costs, tagLength: number): Promise<Buffer> {
  return derive("argon2id", { message: passphrase.normalize("NFC"), nonce: salt, tagLength, ...costs });
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
