import { crc32, deflateRawSync } from "node:zlib";

/** A member of a ZIP archive that a test makes; what is not given is as it should be. */
export interface ZipMember {
  name: string;
  content: Buffer | string;
  /** 0 stores it; 8, the default, deflates it. */
  method?: number;
  /** General purpose bits, such as 1 for encrypted. */
  flags?: number;
  /** What is claimed of it. */
  claimed?: { crc?: number; bytes?: number };
  /** Unix mode of the member, such as 0o120777 for a link. */
  mode?: number;
  /** Times it stands in the table of contents, each time with the same octets. */
  times?: number;
}

/** A ZIP archive (APPNOTE.TXT 6.3.10 §4.3), honest or not. */
export function zipOf(members: readonly ZipMember[]): Buffer {
  const parts: Buffer[] = [];
  const table: Buffer[] = [];
  let at = 0;
  for (const { name, content, method = 8, flags = 0, claimed = {}, mode = 0o100644, times = 1 } of members) {
    const plain = Buffer.from(content as string);
    const packed = method === 8 ? deflateRawSync(plain, { level: 9 }) : plain;
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(flags | 0x800, 2);
    facts.writeUInt16LE(method, 4);
    facts.writeUInt32LE(claimed.crc ?? crc32(plain), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(claimed.bytes ?? plain.length, 18);
    facts.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, Buffer.from(name), packed]);
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(mode * 0x10000, 6);
    entry.writeUInt32LE(at, 10);
    const listed = Buffer.concat([Buffer.from("PK\x01\x02\x14\x03"), facts, entry.subarray(0, 14), Buffer.from(name)]);
    for (let time = 0; time < times; time += 1) table.push(listed);
    parts.push(local);
    at += local.length;
  }
  const listing = Buffer.concat(table);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(table.length, 8);
  end.writeUInt16LE(table.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listing, end]);
}
