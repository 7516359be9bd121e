import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ConnectorId, Failure, isTenantId, MiB, must, type TenantId } from "#core/index.ts";
import type { AppendSegment, Bytes, Disk } from "#disk/index.ts";
import { RecordTable } from "./record-table.ts";
import type { MailboxRecords, UidlMemory, UidlRecord } from "./uidl-memory.ts";

/** Octets added to a file before a smaller one is worth writing. */
const addedBytesMin = 1 * MiB;
/** Records in one line of a file's beginning: a line is parsed whole. */
const recordsPerLine = 1_000;
/** Records that are put into words at one time. */
const recordsPerPiece = 200;

interface Change {
  records: readonly UidlRecord[];
  forgotten: readonly string[];
}

/**
 * The memory in files, one folder a mailbox, see docs/formats/uidls.md. A mailbox is read at its first use.
 *
 * @throws `UIDLS-VERSION` (never), and what the disk says
 */
export function createFileUidls(disk: Disk, directory: string): UidlMemory {
  const mailboxes = new Map<string, Promise<MailboxFile>>();
  function mailboxOf(tenant: TenantId, connector: ConnectorId): Promise<MailboxFile> {
    must(isTenantId(tenant) && /^con_[0-9a-z]+$/.test(connector), "tenant and connector are fit for file names");
    const path = join(directory, tenant, connector);
    const found = mailboxes.get(path) ?? MailboxFile.read(disk, path);
    mailboxes.set(path, found);
    // What could not be read may be readable the next time.
    found.catch(() => mailboxes.delete(path));
    return found;
  }
  return {
    mailbox: mailboxOf,
    close: async () => {
      for (const mailbox of await Promise.allSettled(mailboxes.values()))
        if (mailbox.status === "fulfilled") await mailbox.value.close();
      mailboxes.clear();
    },
  };
}

class MailboxFile implements MailboxRecords {
  readonly table: RecordTable;
  readonly #disk: Disk;
  readonly #directory: string;
  /** Numbers of the files that are there. */
  #numbers: number[];
  #segment: AppendSegment | null = null;
  #beginBytes = 0;
  #turn: Promise<void> = Promise.resolve();

  static async read(disk: Disk, directory: string): Promise<MailboxFile> {
    const names = await disk.list(directory);
    const numbers = names.flatMap((name) => Number(/^records-(\d{1,15})\.jsonl$/.exec(name)?.[1] ?? Number.NaN) || []);
    numbers.sort((a, b) => b - a);
    for (const number of numbers) {
      const table = await readFile(disk.stream(join(directory, `records-${number}.jsonl`)));
      if (table !== null) return new MailboxFile(disk, directory, table, numbers);
    }
    return new MailboxFile(disk, directory, new RecordTable(), numbers);
  }

  private constructor(disk: Disk, directory: string, table: RecordTable, numbers: number[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.table = table;
    this.#numbers = numbers;
  }

  remember(keys: Iterable<string>): Promise<void> {
    const asked = [...keys];
    const done = this.#turn.then(() => this.#write(asked));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#segment?.close();
    this.#segment = null;
  }

  async #write(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    try {
      const added = (this.#segment?.bytes ?? 0) - this.#beginBytes;
      if (this.#segment === null || added > Math.max(addedBytesMin, 2 * this.#beginBytes)) await this.#beginFile();
      await this.#segment!.appendDurably(this.#change(keys));
    } catch (error) {
      // Nothing more is believed of this file: the next change begins another with everything there is.
      await this.#segment?.close().catch(() => undefined);
      this.#segment = null;
      throw error;
    }
  }

  /** The line that says what there is under `keys`. */
  #change(keys: readonly string[]): Buffer[] {
    const forgotten = keys.filter((key) => this.table.kind(key) === undefined);
    // Tens of thousands of records at once would be as many objects; piece by piece they are a few.
    const pieces: Buffer[] = [];
    for (const some of inBatches(keys, recordsPerPiece)) {
      const records = some.flatMap((key) => this.table.get(key) ?? []).map((record) => JSON.stringify(record));
      if (records.length > 0) pieces.push(Buffer.from((pieces.length > 0 ? "," : "") + records.join(",")));
    }
    return line([Buffer.from('{"records":['), ...pieces, Buffer.from(`],"forgotten":${JSON.stringify(forgotten)}}`)]);
  }

  async #beginFile(): Promise<void> {
    await this.#segment?.close();
    this.#segment = null;
    const number = Math.max(0, ...this.#numbers) + 1;
    const path = (n: number) => join(this.#directory, `records-${n}.jsonl`);
    this.#numbers.push(number);
    const segment = await this.#disk.openSegment(path(number));
    this.#segment = segment;
    await segment.append(line([json({ format: "muniment-uidls", v: 1, number })]));
    // What changes meanwhile is in it as it was or as it is, and asked for by a later call at the latest.
    for (const keys of inBatches(this.table.keys(), recordsPerLine)) await segment.append(this.#change(keys));
    await segment.appendDurably(line([json({ begun: true })]));
    this.#beginBytes = segment.bytes;
    for (const old of this.#numbers.filter((one) => one !== number)) await this.#disk.remove(path(old));
    this.#numbers = [number];
  }
}

function* inBatches(keys: Iterable<string>, size: number): Generator<string[]> {
  let batch: string[] = [];
  for (const key of keys) {
    batch.push(key);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function apply(table: RecordTable, { records, forgotten }: Change): void {
  for (const record of records) table.put(record);
  for (const key of forgotten) table.delete(key);
}

function json(content: object): Buffer {
  return Buffer.from(JSON.stringify(content));
}

function digest(json: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of json) hash.update(piece);
  return hash.digest("hex").slice(0, 16);
}

/** One line with this JSON, which is given in pieces. */
function line(json: readonly Buffer[]): Buffer[] {
  return [Buffer.from(`${digest(json)} `), ...json, Buffer.from("\n")];
}

/** The records of a file; null when it was never finished. */
async function readFile(bytes: Bytes): Promise<RecordTable | null> {
  const table = new RecordTable();
  let isBegun = false;
  let isFirst = true;
  for await (const content of contentsOf(linesOf(bytes))) {
    if (isFirst && content.v !== 1)
      throw new Failure(
        "UIDLS-VERSION",
        "never",
        "the memory of a mailbox has a version that this release cannot read",
      );
    isFirst = false;
    if (content.records !== undefined) apply(table, { records: content.records, forgotten: content.forgotten ?? [] });
    if (content.begun === true) isBegun = true;
  }
  return isBegun ? table : null;
}

interface Line extends Partial<Change> {
  v?: number;
  begun?: boolean;
}

/** What lines say, up to the first that is not whole. */
async function* contentsOf(lines: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  for await (const bytes of lines) {
    const json = bytes.subarray(17);
    if (bytes.toString("latin1", 0, 17) !== `${digest([json])} `) return;
    yield JSON.parse(json.toString()) as Line;
  }
}

/** The lines that have their end, without it. */
async function* linesOf(bytes: Bytes): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  for await (const piece of bytes) {
    let begin = 0;
    for (let end = piece.indexOf(lf); end >= 0; end = piece.indexOf(lf, begin)) {
      yield Buffer.concat([...held, piece.subarray(begin, end)]);
      held = [];
      begin = end + 1;
    }
    held.push(piece.subarray(begin));
  }
}

const lf = 0x0a;
