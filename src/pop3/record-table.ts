import type { Instant, ReceiptId, Sha256 } from "#core/index.ts";
import type { Capture, UidlRecord, UidlState } from "./uidl-memory.ts";

/** How far a message has come, by its place in a row. The order is that of rows in memory only. */
const kinds = ["seen", "failed", "spooled", "archived", "delete-pending", "deleted", "gone"] as const;

/** States of a message that was captured, in which it can go from one to the other with its capture as it is. */
export type CapturedKind = Exclude<UidlState["kind"], "seen" | "failed">;

/** Whether a message in this state was captured. */
export function isCaptured(kind: UidlState["kind"] | undefined): kind is CapturedKind {
  return kind !== undefined && kind !== "seen" && kind !== "failed";
}

/** Octets of a row, and where its fields lie: numbers are doubles, `null` is NaN; digests are their octets. */
const rowBytes = 184;
const at = {
  kind: 0,
  receiptLength: 1,
  next: 4,
  firstSeenAt: 8,
  changedAt: 16,
  bytes: 24,
  listBytes: 32,
  takenAt: 40,
  sha256: 48,
  headSha256: 80,
  sourceKey: 112,
  receipt: 144,
  session: 176,
} as const;
const receiptLengthMax = 31;
/** Rows of one slab: 360 KiB. */
const rowsPerSlab = 2_048;
/** Slots of the index at first; doubled when there are more rows than slots. */
const slotsMin = 1_024;

const digestShape = /^[0-9a-f]{64}$/;

/**
 * The records of one mailbox, packed. As objects, strings and sets a hundred thousand of them take 100 MiB of V8's heap, which
 * it then lets grow to four times that; here they take 26 MiB, of which 8 are its. What does not fit a row (a failure's
 * reason, ids of other shapes) is held beside it as it is.
 */
export class RecordTable {
  readonly #rows = new Map<string, number>();
  /** By row; undefined where it is free. Row 0 is nobody's, so that it can stand for none. */
  readonly #keys: (string | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #slabs: Buffer[] = [];
  readonly #beside = new Map<number, Readonly<UidlState>>();
  /** Rows by the first four octets of their content's digest: the first of a chain that goes on by `next`. */
  #slots = new Uint32Array(slotsMin);
  #session = 0;

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): UidlRecord | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    const [slab, start] = this.#place(row);
    return {
      key,
      state: this.#beside.get(row) ?? packedState(slab, start),
      firstSeenAt: slab.readDoubleLE(start + at.firstSeenAt) as Instant,
      changedAt: slab.readDoubleLE(start + at.changedAt) as Instant,
    };
  }

  /** As the state of {@link get}, without making the record. */
  kind(key: string): UidlState["kind"] | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#kindOf(row);
  }

  /** Every key with its kind. Keys that are put or deleted meanwhile may be among them or not. */
  *kinds(): Generator<[key: string, kind: UidlState["kind"]]> {
    for (const [key, row] of this.#rows) yield [key, this.#kindOf(row)];
  }

  /** Every key, likewise. */
  keys(): IterableIterator<string> {
    return this.#rows.keys();
  }

  /** Puts `record` in place of that with the same key. */
  put({ key, state, firstSeenAt, changedAt }: UidlRecord): void {
    const row = this.#rows.get(key) ?? this.#newRow(key);
    this.#unchain(row);
    const [slab, start] = this.#place(row);
    slab[start + at.kind] = kinds.indexOf(state.kind);
    slab.writeDoubleLE(firstSeenAt, start + at.firstSeenAt);
    slab.writeDoubleLE(changedAt, start + at.changedAt);
    this.#beside.delete(row);
    if (state.kind === "seen") return;
    if (!("capture" in state) || !isPackable(state.capture)) {
      this.#beside.set(row, state);
      return;
    }
    writeCapture(slab, start, state.capture);
    this.#chain(row);
  }

  /** Takes a captured message to another state, its capture as it is; false when there is none under `key`. May be repeated. */
  advance(key: string, kind: CapturedKind, changedAt: Instant): boolean {
    const row = this.#rows.get(key);
    if (row === undefined || !isCaptured(this.#kindOf(row))) return false;
    const [slab, start] = this.#place(row);
    slab[start + at.kind] = kinds.indexOf(kind);
    slab.writeDoubleLE(changedAt, start + at.changedAt);
    const beside = this.#beside.get(row);
    if (beside !== undefined && "capture" in beside) this.#beside.set(row, { kind, capture: beside.capture });
    return true;
  }

  /** False when there was nothing to delete. */
  delete(key: string): boolean {
    const row = this.#rows.get(key);
    if (row === undefined) return false;
    this.#unchain(row);
    this.#beside.delete(row);
    this.#rows.delete(key);
    this.#keys[row] = undefined;
    this.#free.push(row);
    return true;
  }

  /** Keys of the captures with this content. */
  withContent(sha256: Sha256): string[] {
    const found: string[] = [];
    if (digestShape.test(sha256)) {
      const digest = Buffer.from(sha256, "hex");
      for (let row = this.#slots[this.#slotOf(digest.readUInt32LE())]!; row !== 0; row = this.#nextOf(row)) {
        const [slab, start] = this.#place(row);
        const isSame = slab.compare(digest, 0, 32, start + at.sha256, start + at.sha256 + 32) === 0;
        if (isSame) found.push(this.#keys[row]!);
      }
    }
    for (const [row, state] of this.#beside)
      if ("capture" in state && state.capture.sha256 === sha256) found.push(this.#keys[row]!);
    return found;
  }

  /** Number of the latest session that was begun; 0 when there was none. Counted anew in each process. */
  get session(): number {
    return this.#session;
  }

  /** Gives the next session its number. */
  beginSession(): number {
    this.#session += 1;
    return this.#session;
  }

  /** Number of the session in which the message was last listed, see {@link list}; 0 when in none of this process. */
  listedIn(key: string): number {
    const row = this.#rows.get(key);
    if (row === undefined) return 0;
    const [slab, start] = this.#place(row);
    return slab.readUInt32LE(start + at.session);
  }

  /** Notes that the latest session lists the message; there must be a record of it. */
  list(key: string): void {
    const [slab, start] = this.#place(this.#rows.get(key)!);
    slab.writeUInt32LE(this.#session, start + at.session);
  }

  #kindOf(row: number): UidlState["kind"] {
    const [slab, start] = this.#place(row);
    return kinds[slab[start + at.kind]!]!;
  }

  #nextOf(row: number): number {
    const [slab, start] = this.#place(row);
    return slab.readUInt32LE(start + at.next);
  }

  #place(row: number): [slab: Buffer, start: number] {
    return [this.#slabs[Math.floor(row / rowsPerSlab)]!, (row % rowsPerSlab) * rowBytes];
  }

  #newRow(key: string): number {
    // A key that was put together from pieces of a longer text would hold on to that text.
    const own = Buffer.from(key).toString();
    const row = this.#free.pop() ?? this.#keys.push(undefined) - 1;
    if (row >= this.#slabs.length * rowsPerSlab) this.#slabs.push(Buffer.alloc(rowsPerSlab * rowBytes));
    const [slab, start] = this.#place(row);
    slab.fill(0, start, start + rowBytes);
    this.#rows.set(own, row);
    this.#keys[row] = own;
    return row;
  }

  #slotOf(begin: number): number {
    return begin & (this.#slots.length - 1);
  }

  #chain(row: number): void {
    if (this.#rows.size > this.#slots.length) {
      // Each row is in the index again with its new size; this one is among them.
      this.#grow();
      return;
    }
    const [slab, start] = this.#place(row);
    const slot = this.#slotOf(slab.readUInt32LE(start + at.sha256));
    slab.writeUInt32LE(this.#slots[slot]!, start + at.next);
    this.#slots[slot] = row;
  }

  #grow(): void {
    let slots = this.#slots.length;
    while (slots < this.#rows.size) slots *= 2;
    this.#slots = new Uint32Array(slots);
    for (const row of this.#rows.values())
      if (isCaptured(this.#kindOf(row)) && !this.#beside.has(row)) this.#chain(row);
  }

  /** Takes a row out of the index, if it is in it. */
  #unchain(row: number): void {
    if (!isCaptured(this.#kindOf(row)) || this.#beside.has(row)) return;
    const [slab, start] = this.#place(row);
    const next = slab.readUInt32LE(start + at.next);
    const slot = this.#slotOf(slab.readUInt32LE(start + at.sha256));
    if (this.#slots[slot] === row) {
      this.#slots[slot] = next;
      return;
    }
    for (let before = this.#slots[slot]!; before !== 0; before = this.#nextOf(before)) {
      if (this.#nextOf(before) !== row) continue;
      const [slabBefore, startBefore] = this.#place(before);
      slabBefore.writeUInt32LE(next, startBefore + at.next);
      return;
    }
  }
}

function isPackable({ sha256, headSha256, sourceKey, receipt }: Capture): boolean {
  const areDigests = digestShape.test(sha256) && digestShape.test(headSha256) && digestShape.test(sourceKey);
  return areDigests && receipt.length <= receiptLengthMax && /^[\x20-\x7e]*$/.test(receipt);
}

function writeCapture(slab: Buffer, start: number, capture: Capture): void {
  slab.writeDoubleLE(capture.bytes, start + at.bytes);
  slab.writeDoubleLE(capture.listBytes ?? Number.NaN, start + at.listBytes);
  slab.writeDoubleLE(capture.takenAt, start + at.takenAt);
  slab.write(capture.sha256, start + at.sha256, "hex");
  slab.write(capture.headSha256, start + at.headSha256, "hex");
  slab.write(capture.sourceKey, start + at.sourceKey, "hex");
  slab[start + at.receiptLength] = capture.receipt.length;
  slab.write(capture.receipt, start + at.receipt, "latin1");
}

function packedState(slab: Buffer, start: number): UidlState {
  const kind = kinds[slab[start + at.kind]!]!;
  // Failures never come to lie in a row.
  if (!isCaptured(kind)) return { kind: "seen" };
  const digest = (offset: number) => slab.toString("hex", start + offset, start + offset + 32) as Sha256;
  const listBytes = slab.readDoubleLE(start + at.listBytes);
  const receiptEnd = start + at.receipt + slab[start + at.receiptLength]!;
  const capture: Capture = {
    receipt: slab.toString("latin1", start + at.receipt, receiptEnd) as ReceiptId,
    sourceKey: digest(at.sourceKey),
    sha256: digest(at.sha256),
    bytes: slab.readDoubleLE(start + at.bytes),
    headSha256: digest(at.headSha256),
    listBytes: Number.isNaN(listBytes) ? null : listBytes,
    takenAt: slab.readDoubleLE(start + at.takenAt) as Instant,
  };
  return { kind, capture };
}
