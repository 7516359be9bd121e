/** Decoded bytes, and whether nothing but base64 stood among the encoded ones. */
export interface Base64Reading {
  bytes: Buffer;
  isClean: boolean;
}

/**
 * Decodes base64 as far as it goes: characters outside the alphabet are skipped, padding in the middle starts a new
 * group, so nothing can be hidden behind either.
 *
 * @see RFC 2045 §6.8
 */
export function decodeBase64(body: Buffer): Base64Reading {
  // Buffer is fast, but stops at the first padding and takes the URL alphabet for data: it is given clean input only.
  if (hasJunk(body)) return { bytes: decodeLeniently(body, valueByByte, true), isClean: false };
  return { bytes: Buffer.from(body.toString("latin1"), "base64"), isClean: true };
}

/**
 * What other decoders make of base64 with junk in it: those that go on over padding as if it were not there, and those that
 * take the URL alphabet for data (RFC 4648 §5). Only what differs from {@link decodeBase64} and from each other.
 */
export function otherBase64Readings(body: Buffer): Buffer[] {
  const first = decodeLeniently(body, valueByByte, true);
  const found = [first];
  for (const values of [valueByByte, valueByUrlByte]) {
    for (const isGrouped of [true, false]) {
      const other = decodeLeniently(body, values, isGrouped);
      if (!found.some((bytes) => bytes.equals(other))) found.push(other);
    }
  }
  return found.slice(1);
}

/** What stands behind the first padding, as it is: a footer that was put there by a relay can be read like that only. */
export function behindPadding(body: Buffer): Buffer {
  const padding = body.indexOf("=");
  return padding < 0 ? body.subarray(body.length) : body.subarray(padding);
}

/** Whether anything but the alphabet, line ends, blanks and final padding stands in `body`. */
export function hasJunk(body: Buffer): boolean {
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.toString("latin1", at, Math.min(at + chunkBytes, body.length));
    const found = chunk.search(/[^A-Za-z0-9+/\r\n\t ]/);
    if (found >= 0) return !isFinalPadding(body, at + found);
  }
  return false;
}

/** Chunks this small are looked through without a copy of the whole body ever existing. */
const chunkBytes = 32 * 1024;
/** Line ends and blanks that may follow padding before it counts as being in the middle. */
const tailBytesMax = 1024;

function isFinalPadding(body: Buffer, at: number): boolean {
  return body.length - at <= tailBytesMax && /^=[\r\n\t ]*=?[\r\n\t ]*$/.test(body.toString("latin1", at, body.length));
}

const valueByByte = new Int8Array(256).fill(-1);
for (const [value, sign] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries()) {
  valueByByte[sign.charCodeAt(0)] = value;
}

const valueByUrlByte = Int8Array.from(valueByByte);
valueByUrlByte["-".charCodeAt(0)] = 62;
valueByUrlByte["_".charCodeAt(0)] = 63;

/** `isGrouped`: padding ends a group of four, whether it is full or not. */
function decodeLeniently(body: Buffer, values: Int8Array, isGrouped: boolean): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil(body.length * 0.75));
  let length = 0;
  let held = 0;
  let count = 0;
  for (const byte of body) {
    const value = values[byte]!;
    if (value < 0) {
      if (byte === 0x3d && isGrouped) {
        held = 0;
        count = 0;
      }
      continue;
    }
    held = ((held << 6) | value) & 0xffffff;
    count += 1;
    // Each character from the second on completes a byte, but the one that begins a group of four.
    if (count === 1) continue;
    const bitsLeft = 6 - 2 * (count - 1);
    out[length++] = (held >> bitsLeft) & 0xff;
    if (count === 4) count = 0;
  }
  return out.subarray(0, length);
}
