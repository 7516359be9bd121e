import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ConnectorId, Failure, isTenantId, MiB, must, type TenantId } from "#core/index.ts";
import type { AppendSegment, Disk } from "#disk/index.ts";
import type { UidlMemory, UidlRecord } from "./uidl-memory.ts";

/** Octets added to a file before a smaller one is worth writing. */
const addedBytesMin = 1 * MiB;
/** Records in one line of a file's beginning: a line is parsed whole. */
const recordsPerLine = 1_000;

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
    records: async (tenant, connector) => (await mailboxOf(tenant, connector)).records(),
    remember: async (tenant, connector, change) => (await mailboxOf(tenant, connector)).remember(change),
    close: async () => {
      for (const mailbox of await Promise.allSettled(mailboxes.values()))
        if (mailbox.status === "fulfilled") await mailbox.value.close();
      mailboxes.clear();
    },
  };
}

class MailboxFile {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #records: Map<string, UidlRecord>;
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
      const records = readFile(await disk.read(join(directory, `records-${number}.jsonl`)));
      if (records !== null) return new MailboxFile(disk, directory, records, numbers);
    }
    return new MailboxFile(disk, directory, new Map(), numbers);
  }

  private constructor(disk: Disk, directory: string, records: Map<string, UidlRecord>, numbers: number[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.#records = records;
    this.#numbers = numbers;
  }

  records(): Map<string, UidlRecord> {
    return new Map(this.#records);
  }

  remember(change: Change): Promise<void> {
    const done = this.#turn.then(() => this.#write({ records: [...change.records], forgotten: [...change.forgotten] }));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#segment?.close();
    this.#segment = null;
  }

  async #write(change: Change): Promise<void> {
    if (change.records.length === 0 && change.forgotten.length === 0) return;
    try {
      const added = (this.#segment?.bytes ?? 0) - this.#beginBytes;
      if (this.#segment === null || added > Math.max(addedBytesMin, 2 * this.#beginBytes)) await this.#beginFile();
      await this.#segment!.appendDurably([line(change)]);
    } catch (error) {
      // Nothing more is believed of this file: the next change begins another with what was durable before.
      await this.#segment?.close().catch(() => undefined);
      this.#segment = null;
      throw error;
    }
    apply(this.#records, change);
  }

  async #beginFile(): Promise<void> {
    await this.#segment?.close();
    this.#segment = null;
    const number = Math.max(0, ...this.#numbers) + 1;
    const path = (n: number) => join(this.#directory, `records-${n}.jsonl`);
    this.#numbers.push(number);
    const segment = await this.#disk.openSegment(path(number));
    this.#segment = segment;
    const records = [...this.#records.values()];
    await segment.append([line({ format: "muniment-uidls", v: 1, number })]);
    for (let at = 0; at < records.length; at += recordsPerLine)
      await segment.append([line({ records: records.slice(at, at + recordsPerLine), forgotten: [] })]);
    await segment.appendDurably([line({ begun: true })]);
    this.#beginBytes = segment.bytes;
    for (const old of this.#numbers.filter((one) => one !== number)) await this.#disk.remove(path(old));
    this.#numbers = [number];
  }
}

function apply(records: Map<string, UidlRecord>, { records: changed, forgotten }: Change): void {
  for (const record of changed) records.set(record.key, record);
  for (const key of forgotten) records.delete(key);
}

function digest(json: string | Uint8Array): string {
  return createHash("sha256").update(json).digest("hex").slice(0, 16);
}

function line(content: object): Buffer {
  const json = JSON.stringify(content);
  return Buffer.from(`${digest(json)} ${json}\n`);
}

/** The records of a file; null when it was never finished. */
function readFile(bytes: Uint8Array): Map<string, UidlRecord> | null {
  const records = new Map<string, UidlRecord>();
  let isBegun = false;
  let isFirst = true;
  for (const content of linesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) {
    if (isFirst && content.v !== 1)
      throw new Failure(
        "UIDLS-VERSION",
        "never",
        "the memory of a mailbox has a version that this release cannot read",
      );
    isFirst = false;
    if (content.records !== undefined) apply(records, { records: content.records, forgotten: content.forgotten ?? [] });
    if (content.begun === true) isBegun = true;
  }
  return isBegun ? records : null;
}

interface Line extends Partial<Change> {
  v?: number;
  begun?: boolean;
}

function* linesOf(bytes: Buffer): Generator<Line> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return;
    const json = bytes.subarray(at + 17, end);
    if (bytes.toString("latin1", at, at + 17) !== `${digest(json)} `) return;
    yield JSON.parse(json.toString()) as Line;
    at = end + 1;
  }
}
