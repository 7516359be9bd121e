/** A stream or storage in a compound file. */
export interface CompoundEntry {
  name: string;
  /** Of a storage: what lies in it, in the order of the file; empty for a stream. */
  children: CompoundEntry[];
  isStorage: boolean;
  /** Octets the stream is said to have. */
  size: number;
  start: number;
}

/** What every compound file begins with ([MS-CFB] §2.2). */
const compoundSignature = Buffer.from("d0cf11e0a1b11ae1", "hex");

const headerBytes = 512;
const entryBytes = 128;
const nameBytesMax = 64;
const difatInHeader = 109;
const miniSectorBytes = 64;
const miniStreamBelow = 4096;
/** Sector numbers from here on mean something else than a sector. */
const sectorsEnd = 0xfffffffa;
const noEntry = 0xffffffff;
const types = { storage: 1, stream: 2, root: 5 } as const;

/**
 * Reads a compound file (OLE, as `.msg` is) of any octets: never throws.
 *
 * Time and memory are linear in its length: chains of sectors that lead in circles end, an entry is visited once, nothing is
 * allocated by what the file claims, and the streams together give no more octets than twice the file has. Damage is told
 * by {@link isDamaged}; what can be had besides is given.
 * @see [MS-CFB]
 */
export class CompoundFile {
  readonly #bytes: Buffer;
  readonly #sectorBytes: number;
  /** Sectors that hold the table of chains. */
  readonly #table: number[];
  readonly #miniTable: number[];
  readonly #miniStream: Buffer;
  /** Octets that streams may still give. */
  #readable: number;
  isDamaged = false;
  readonly root: CompoundEntry;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#readable = 2 * bytes.length;
    const shift = bytes.length >= headerBytes ? bytes.readUInt16LE(0x1e) : 0;
    if (!isCompound(bytes) || (shift !== 9 && shift !== 12)) this.isDamaged = true;
    this.#sectorBytes = shift === 12 ? 4096 : headerBytes;
    this.#table = this.isDamaged ? [] : this.#tableSectors();
    const entries = this.isDamaged ? [] : this.#entries();
    this.#miniTable = entries.length === 0 ? [] : this.#chain(bytes.readUInt32LE(0x3c), this.#sectorCount());
    const [root = { name: "", children: [], isStorage: true, size: 0, start: sectorsEnd }] = entries;
    this.root = root;
    this.#miniStream = this.#octets(root.start, root.size);
  }

  /** The octets of a stream, fewer than it is said to have where the file is damaged or has given too much already. */
  read({ start, size }: CompoundEntry): Buffer {
    if (size >= miniStreamBelow) return this.#octets(start, size);
    const parts: Buffer[] = [];
    let left = this.#allowed(size);
    let sector = start;
    while (left > 0 && sector < sectorsEnd) {
      const at = sector * miniSectorBytes;
      const part = this.#miniStream.subarray(at, at + Math.min(left, miniSectorBytes));
      if (part.length === 0) break;
      parts.push(part);
      left -= part.length;
      sector = this.#next(this.#miniTable, sector);
    }
    if (left > 0) this.isDamaged = true;
    return Buffer.concat(parts);
  }

  /** The octets of a chain of whole sectors. */
  #octets(start: number, size: number): Buffer {
    let left = this.#allowed(size);
    const parts: Buffer[] = [];
    let sector = start;
    while (left > 0 && sector < sectorsEnd) {
      const part = this.#sector(sector).subarray(0, left);
      if (part.length === 0) break;
      parts.push(part);
      left -= part.length;
      sector = this.#next(this.#table, sector);
    }
    if (left > 0) this.isDamaged = true;
    return Buffer.concat(parts);
  }

  #allowed(size: number): number {
    const allowed = Math.min(size, this.#readable, this.#bytes.length);
    if (allowed < size) this.isDamaged = true;
    this.#readable -= allowed;
    return allowed;
  }

  #sector(sector: number): Buffer {
    const at = (sector + 1) * this.#sectorBytes;
    return this.#bytes.subarray(at, at + this.#sectorBytes);
  }

  #sectorCount(): number {
    return Math.ceil(this.#bytes.length / this.#sectorBytes);
  }

  /** The sector after this one in its chain. */
  #next(table: readonly number[], sector: number): number {
    const perSector = this.#sectorBytes / 4;
    const holder = table[Math.floor(sector / perSector)];
    if (holder === undefined) return sectorsEnd;
    const at = (holder + 1) * this.#sectorBytes + (sector % perSector) * 4;
    return at + 4 <= this.#bytes.length ? this.#bytes.readUInt32LE(at) : sectorsEnd;
  }

  /** Numbers of the sectors of a chain, at most `most`: a longer one leads in a circle. */
  #chain(start: number, most: number): number[] {
    const chain: number[] = [];
    for (let sector = start; sector < sectorsEnd; sector = this.#next(this.#table, sector)) {
      if (chain.length >= most || sector >= this.#sectorCount()) {
        this.isDamaged = true;
        break;
      }
      chain.push(sector);
    }
    return chain;
  }

  /** Where the table of chains lies: named in the header, then in sectors that are chained by their last number (§2.5). */
  #tableSectors(): number[] {
    const bytes = this.#bytes;
    const most = this.#sectorCount();
    const sectors: number[] = [];
    const take = (from: Buffer, count: number) => {
      for (let index = 0; index < count && index * 4 + 4 <= from.length; index += 1) {
        const sector = from.readUInt32LE(index * 4);
        if (sector < most && sectors.length < most) sectors.push(sector);
      }
    };
    take(bytes.subarray(0x4c, headerBytes), difatInHeader);
    let next = bytes.readUInt32LE(0x44);
    for (let steps = 0; next < sectorsEnd && steps < most; steps += 1) {
      const holder = this.#sector(next);
      if (holder.length < this.#sectorBytes) break;
      take(holder, this.#sectorBytes / 4 - 1);
      next = holder.readUInt32LE(this.#sectorBytes - 4);
    }
    return sectors;
  }

  /** The root and, in its children, everything else. Each entry of the directory is given once, whoever refers to it. */
  #entries(): CompoundEntry[] {
    const sectors = this.#chain(this.#bytes.readUInt32LE(0x30), this.#sectorCount());
    const perSector = this.#sectorBytes / entryBytes;
    const seen = new Set<number>([0]);
    const entryAt = (index: number): Buffer | null => {
      const sector = sectors[Math.floor(index / perSector)];
      if (sector === undefined) return null;
      const at = (index % perSector) * entryBytes;
      const entry = this.#sector(sector).subarray(at, at + entryBytes);
      return entry.length === entryBytes ? entry : null;
    };
    const first = entryAt(0);
    if (first === null || first[0x42] !== types.root) {
      this.isDamaged = true;
      return [];
    }
    const root = this.#entryOf(first);
    const waiting: { storage: CompoundEntry; child: number }[] = [{ storage: root, child: first.readUInt32LE(0x4c) }];
    for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
      // The children of a storage are a tree by its left and right; in the order of that tree they stand by name.
      const above: { index: number; entry: Buffer }[] = [];
      let index = work.child;
      for (;;) {
        const entry = index === noEntry || seen.has(index) ? null : entryAt(index);
        if (index !== noEntry && entry === null) this.isDamaged = true;
        if (entry !== null) {
          seen.add(index);
          above.push({ index, entry });
          index = entry.readUInt32LE(0x44);
          continue;
        }
        const next = above.pop();
        if (next === undefined) break;
        const type = next.entry[0x42];
        if (type === types.storage || type === types.stream) {
          const child = this.#entryOf(next.entry);
          work.storage.children.push(child);
          if (child.isStorage) waiting.push({ storage: child, child: next.entry.readUInt32LE(0x4c) });
        }
        index = next.entry.readUInt32LE(0x48);
      }
    }
    return [root];
  }

  #entryOf(entry: Buffer): CompoundEntry {
    const nameBytes = Math.min(nameBytesMax, entry.readUInt16LE(0x40));
    return {
      name: entry.toString("utf16le", 0, nameBytes).replace(/\0.*$/s, ""),
      children: [],
      isStorage: entry[0x42] !== types.stream,
      start: entry.readUInt32LE(0x74),
      // The upper half is junk in files of the older version, and no mail is so large in the newer one.
      size: entry.readUInt32LE(0x78),
    };
  }
}

/** Whether octets begin as a compound file does. */
export function isCompound(bytes: Uint8Array): boolean {
  return compoundSignature.equals(bytes.subarray(0, compoundSignature.length));
}
