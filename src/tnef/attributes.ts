/** One attribute of a TNEF stream ([MS-OXTNEF] §2.1.3). */
export interface Attribute {
  /** The low 16 bits of its tag. */
  id: number;
  isOfAttachment: boolean;
  data: Buffer;
  /** Whether its checksum is that of its octets. */
  isSound: boolean;
}

/** What every TNEF stream begins with. */
export const tnefSignature = 0x223e9f78;

const startBytes = 6;
const attributeHeadBytes = 9;
const checksumBytes = 2;

/**
 * The attributes of a stream in their order, views of its octets. Ends at the first thing that is none.
 *
 * `broken` is given as the last value when octets are left that cannot be read: garbage after the end, or a truncation; of
 * an attribute that is cut off its first part is given as unsound.
 */
export function* attributesOf(stream: Buffer): Generator<Attribute | "broken" | "truncated"> {
  let at = startBytes;
  while (at < stream.length) {
    const level = stream[at]!;
    if (at + attributeHeadBytes > stream.length || (level !== 1 && level !== 2)) {
      yield "broken";
      return;
    }
    const id = stream.readUInt16LE(at + 1);
    const length = stream.readUInt32LE(at + 5);
    const start = at + attributeHeadBytes;
    const end = start + length;
    const data = stream.subarray(start, Math.min(end, stream.length));
    const isWhole = end + checksumBytes <= stream.length;
    yield { id, isOfAttachment: level === 2, data, isSound: isWhole && checksumOf(data) === stream.readUInt16LE(end) };
    if (!isWhole) {
      yield "truncated";
      return;
    }
    at = end + checksumBytes;
  }
}

function checksumOf(data: Buffer): number {
  let sum = 0;
  for (const octet of data) sum = (sum + octet) & 0xffff;
  return sum;
}
