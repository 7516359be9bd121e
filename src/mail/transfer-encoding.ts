import type { DefectCode } from "#core/index.ts";
import { decodeBase64 } from "./base64.ts";
import { decodeQuotedPrintable } from "./quoted-printable.ts";
import type { MailPart } from "./reading.ts";
import { decodeUuencode } from "./uuencode.ts";
import { decodeYenc } from "./yenc.ts";

/**
 * The body of `part` with its transfer encoding taken off; `bytes` is the message that the part was read from.
 *
 * Lenient and total: junk is skipped, and an unknown encoding gives the bytes as they stand. The result may share
 * memory with `bytes`.
 *
 * @see RFC 2045 §6
 */
export function decodePart(bytes: Uint8Array, part: Pick<MailPart, "body" | "encoding">): Uint8Array {
  return decodeBody(asBuffer(bytes).subarray(part.body.start, part.body.end), part.encoding).bytes;
}

/** Decoded bytes, and what was wrong with the encoded ones. */
export interface DecodedBody {
  bytes: Buffer;
  defect: DefectCode | null;
}

/** {@link decodePart} for a body that has been cut out already. */
export function decodeBody(body: Buffer, encoding: string): DecodedBody {
  switch (encoding) {
    case "base64": {
      const { bytes, isClean } = decodeBase64(body);
      return { bytes, defect: isClean ? null : "base64_junk" };
    }
    case "quoted-printable": {
      const { bytes, isClean } = decodeQuotedPrintable(body);
      return { bytes, defect: isClean ? null : "quoted_printable_malformed" };
    }
    case "uuencode": {
      const { bytes, isClean } = decodeUuencode(body);
      return { bytes, defect: isClean ? null : "uuencode_malformed" };
    }
    case "yenc": {
      const { bytes, isClean } = decodeYenc(body);
      return { bytes, defect: isClean ? null : "yenc_malformed" };
    }
    default:
      return { bytes: body, defect: null };
  }
}

/** A field value as the encoding to apply, or null when there is no such encoding. Quotes and comments are dropped. */
export function encodingNamed(value: string): string | null {
  const name = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, "")
    .replace(/["';,\s]/g, "")
    .toLowerCase();
  return encodingByName.get(name) ?? null;
}

/** Whether an encoding, as {@link encodingNamed} gives it, stands between the bytes and their content. */
export function isEncoding(encoding: string): boolean {
  return encoding !== "7bit" && encoding !== "8bit" && encoding !== "binary";
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const encodingByName = new Map([
  ["7bit", "7bit"],
  ["8bit", "8bit"],
  ["binary", "binary"],
  ["base64", "base64"],
  ["quoted-printable", "quoted-printable"],
  ["x-uuencode", "uuencode"],
  ["x-uue", "uuencode"],
  ["uuencode", "uuencode"],
  ["uue", "uuencode"],
  ["x-yenc", "yenc"],
  ["yenc", "yenc"],
  // Spellings seen in mail.
  ["7-bit", "7bit"],
  ["8-bit", "8bit"],
  ["base-64", "base64"],
  ["quotedprintable", "quoted-printable"],
]);
