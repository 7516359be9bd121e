/** Decoded bytes, and whether every equals sign was followed by what it must be. */
export interface QuotedPrintableReading {
  bytes: Buffer;
  isClean: boolean;
}

/**
 * Decodes quoted-printable. An equals sign that introduces neither two hexadecimal digits nor a line end is kept as
 * it stands; blanks between it and the line end are taken for a soft break, as relays add them.
 *
 * @see RFC 2045 §6.7
 */
export function decodeQuotedPrintable(body: Buffer): QuotedPrintableReading {
  let equals = body.indexOf(equalsSign);
  if (equals < 0) return { bytes: body, isClean: true };
  const out = Buffer.allocUnsafe(body.length);
  let isClean = true;
  let length = 0;
  let from = 0;
  while (equals >= 0) {
    if (equals > from) length += body.copy(out, length, from, equals);
    const high = hexValue(body[equals + 1]);
    const low = hexValue(body[equals + 2]);
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      from = equals + 3;
    } else {
      const next = softBreakEnd(body, equals + 1);
      if (next < 0) {
        isClean = false;
        out[length++] = equalsSign;
      }
      from = next < 0 ? equals + 1 : next;
    }
    equals = body[from] === equalsSign ? from : body.indexOf(equalsSign, from);
  }
  length += body.copy(out, length, from);
  return { bytes: out.subarray(0, length), isClean };
}

const equalsSign = 0x3d;

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

/** Where the line after a soft break begins, or -1 when what follows the equals sign is no line end. */
function softBreakEnd(body: Buffer, start: number): number {
  let at = start;
  while (body[at] === 0x20 || body[at] === 0x09) at += 1;
  if (at === body.length) return at;
  if (body[at] === 0x0d) return body[at + 1] === 0x0a ? at + 2 : at + 1;
  return body[at] === 0x0a ? at + 1 : -1;
}
