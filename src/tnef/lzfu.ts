import { rtfBytesMax } from "./limits.ts";

/** What every compressor starts with, so that common words are short ([MS-OXRTFCP] §2.1.2.1). */
const opening = Buffer.from(
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript " +
    "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par " +
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx",
  "latin1",
);
const headerBytes = 16;
const windowBytes = 4096;
const compressed = 0x75465a4c;
const uncompressed = 0x414c454d;

/**
 * Unfolds compressed RTF, of which damaged or truncated octets give what stands before the damage.
 *
 * Time and memory are linear; no more than {@link rtfBytesMax} octets come out. Null when it is no compressed RTF.
 * @see [MS-OXRTFCP] §2.2, §3.1
 */
export function unfoldRtf(bytes: Buffer): { rtf: Buffer; isWhole: boolean } | null {
  if (bytes.length < headerBytes) return null;
  const rawBytes = bytes.readUInt32LE(4);
  const kind = bytes.readUInt32LE(8);
  if (kind === uncompressed) {
    const rtf = bytes.subarray(headerBytes, headerBytes + Math.min(rawBytes, rtfBytesMax));
    return { rtf, isWhole: rtf.length === rawBytes };
  }
  if (kind !== compressed) return null;
  return unfolded(bytes, rawBytes);
}

function unfolded(bytes: Buffer, rawBytes: number): { rtf: Buffer; isWhole: boolean } {
  const window = Buffer.alloc(windowBytes, " ");
  opening.copy(window);
  let place = opening.length;
  // A reference of two octets stands for 17 at most, so this holds whatever comes, and the header's claim is not believed.
  const rtf = Buffer.alloc(Math.min(rtfBytesMax, rawBytes, bytes.length * 17));
  let filled = 0;
  const put = (octet: number): void => {
    window[place] = octet;
    place = (place + 1) % windowBytes;
    if (filled < rtf.length) rtf[filled++] = octet;
  };
  for (let at = headerBytes; at < bytes.length; ) {
    const control = bytes[at++]!;
    for (let bit = 0; bit < 8; bit += 1) {
      if ((control & (1 << bit)) === 0) {
        if (at >= bytes.length) return { rtf: rtf.subarray(0, filled), isWhole: filled === rawBytes };
        put(bytes[at++]!);
        continue;
      }
      if (at + 2 > bytes.length) return { rtf: rtf.subarray(0, filled), isWhole: false };
      const reference = bytes.readUInt16BE(at);
      at += 2;
      const from = reference >> 4;
      if (from === place) return { rtf: rtf.subarray(0, filled), isWhole: filled === rawBytes };
      const length = (reference & 0x0f) + 2;
      for (let step = 0; step < length; step += 1) put(window[(from + step) % windowBytes]!);
    }
  }
  return { rtf: rtf.subarray(0, filled), isWhole: filled === rawBytes };
}
