import { createHash } from "node:crypto";
import { base32, Failure } from "#core/index.ts";

/** Bytes of the secret in a line of the kit, lines of a kit, and bytes of a line's checksum. */
const lineSecretBytes = 8;
const lineCount = 4;
const checkBytes = 2;
/** Characters of a line: ten bytes in base32, without a bit left over. */
const lineCharacters = 16;

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function checkOf(number: number, bytes: Uint8Array): Buffer {
  const hash = createHash("sha256").update(`muniment.kit\0${number}\0`).update(bytes);
  return hash.digest().subarray(0, checkBytes);
}

/** The secret as it is printed: four lines, each with a checksum of its own, so that a typing error is found by line. */
export function kitLines(secret: Uint8Array): string[] {
  return Array.from({ length: lineCount }, (_, at) => {
    const bytes = secret.subarray(at * lineSecretBytes, (at + 1) * lineSecretBytes);
    const text = base32(Buffer.concat([bytes, checkOf(at + 1, bytes)])).toUpperCase();
    return `${at + 1}: ${text.replace(/(.{4})(?=.)/g, "$1 ")}`;
  });
}

/**
 * The secret of a kit that was typed in; small letters, and O for 0, I and L for 1, are taken as well. Lines that do not
 * begin with a digit from 1 to 4 and a colon are ignored, so that the whole paper may be typed or scanned.
 *
 * @throws `KIT-UNREADABLE`, naming the line
 */
export function readKit(typed: string): Buffer {
  const found = new Map<number, string>();
  for (const line of typed.split(/\r\n|\r|\n/)) {
    const [, digit, rest = ""] = /^\s*([1-4])\s*:(.*)$/.exec(line) ?? [];
    if (digit === undefined) continue;
    if (found.has(Number(digit))) throw unreadable(`line ${digit} is there twice`);
    found.set(Number(digit), rest);
  }
  const pieces: Buffer[] = [];
  for (let number = 1; number <= lineCount; number += 1) {
    const text = found.get(number);
    if (text === undefined)
      throw unreadable(`line ${number} is missing; a line reads "${number}: ABCD EFGH JKMN PQRS"`);
    pieces.push(readLine(number, text));
  }
  return Buffer.concat(pieces);
}

function readLine(number: number, typed: string): Buffer {
  const text = typed.replace(/[\s-]/g, "").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  if (text.length !== lineCharacters)
    throw unreadable(`line ${number} has ${text.length} characters instead of ${lineCharacters}`);
  const stray = [...text].find((character) => !alphabet.includes(character));
  if (stray !== undefined) throw unreadable(`line ${number} holds a character that no kit has`);
  const bits = [...text].reduce((number, character) => (number << 5n) | BigInt(alphabet.indexOf(character)), 0n);
  const bytes = Buffer.from(bits.toString(16).padStart((lineSecretBytes + checkBytes) * 2, "0"), "hex");
  const secret = bytes.subarray(0, lineSecretBytes);
  if (!checkOf(number, secret).equals(bytes.subarray(lineSecretBytes)))
    throw unreadable(`line ${number} does not hold: compare it with the paper, character by character`);
  return secret;
}

/** The message never quotes what was typed: all but one character of it may be the secret. */
function unreadable(why: string): Failure {
  return new Failure("KIT-UNREADABLE", "never", `the recovery kit cannot be read: ${why}`, {
    effect: "nothing was written",
  });
}
