import type { OutlookAttachment, OutlookItem, OutlookProperty } from "./item.ts";
import { attachmentsMax, depthMax, propertiesMax, recipientsMax } from "./limits.ts";

/** What a stored item begins with: docs/formats/outlook-item.md. */
const mark = Buffer.from("\x8fMUNITEM", "latin1");
const version = 1;
const isPartialFlag = 1;
const headBytes = mark.length + 2;
/** Numbers of rows and nodes, which belong to the file and not to the item. */
const fileIds: ReadonlySet<number> = new Set([0x67f2, 0x67f3]);
const attachData = 0x3701;

/** Whether octets begin as a stored item does. */
export function isStoredItem(bytes: Uint8Array): boolean {
  return mark.equals(bytes.subarray(0, mark.length));
}

/**
 * An item of a PST file as it is archived: canonical, so that the same content is always the same octets.
 *
 * @param isPartial whether something of it could not be read from the file
 * @see docs/formats/outlook-item.md
 */
export function storeItem(item: OutlookItem, isPartial: boolean): Buffer {
  const parts: Buffer[] = [mark, Buffer.from([version, isPartial ? isPartialFlag : 0])];
  writeItem(parts, item);
  return Buffer.concat(parts);
}

function writeItem(parts: Buffer[], { properties, recipients, attachments }: OutlookItem): void {
  writeProperties(parts, properties);
  parts.push(number32(recipients.length));
  for (const recipient of recipients) writeProperties(parts, recipient);
  parts.push(number32(attachments.length));
  for (const { properties: own, item } of attachments) {
    writeProperties(parts, item === null ? own : own.filter(({ id }) => id !== attachData));
    parts.push(Buffer.from([item === null ? 0 : 1]));
    if (item !== null) writeItem(parts, item);
  }
}

function writeProperties(parts: Buffer[], properties: readonly OutlookProperty[]): void {
  const own = properties.filter(({ id }) => !fileIds.has(id));
  own.sort((one, other) => one.id - other.id || one.type - other.type);
  parts.push(number32(own.length));
  for (const { id, type, value } of own) {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(type, 2);
    head.writeUInt32LE(value.length, 4);
    parts.push(head, value);
  }
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * Reads a stored item of any octets: never throws; time and memory are linear in their number. What does not fit its counts,
 * or is of a version that is not known, is damaged, and what stands before the damage is given.
 */
export function readStoredItem(bytes: Buffer): { item: OutlookItem; isDamaged: boolean } {
  const reader = new StoredReader(bytes.subarray(headBytes));
  const isKnown = bytes.length >= headBytes && bytes[mark.length] === version;
  const item = isKnown ? reader.item(0) : { properties: [], recipients: [], attachments: [] };
  const isPartial = ((bytes[mark.length + 1] ?? 0) & isPartialFlag) !== 0;
  return { item, isDamaged: !isKnown || isPartial || !reader.isAtEnd() };
}

class StoredReader {
  readonly #bytes: Buffer;
  #at = 0;
  #left = { properties: propertiesMax, recipients: recipientsMax, attachments: attachmentsMax };
  #isBroken = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return !this.#isBroken && this.#at === this.#bytes.length;
  }

  item(depth: number): OutlookItem {
    if (depth > depthMax) this.#isBroken = true;
    const properties = this.#properties();
    const recipients = this.#list("recipients", () => this.#properties());
    const attachments = this.#list("attachments", (): OutlookAttachment => {
      const own = this.#properties();
      const hasItem = this.#take(1)?.[0] === 1;
      return { properties: own, item: hasItem && !this.#isBroken ? this.item(depth + 1) : null };
    });
    return { properties, recipients, attachments };
  }

  #properties(): OutlookProperty[] {
    return this.#list("properties", () => {
      const head = this.#take(8);
      const value = head === null ? null : this.#take(head.readUInt32LE(4));
      if (head === null || value === null) return null;
      return { id: head.readUInt16LE(0), type: head.readUInt16LE(2), value };
    });
  }

  /** As many as are counted, as long as there are octets for them and room for more. */
  #list<One>(what: "properties" | "recipients" | "attachments", read: () => One | null): One[] {
    const list: One[] = [];
    const count = this.#take(4)?.readUInt32LE(0) ?? 0;
    for (let index = 0; index < count && !this.#isBroken; index += 1) {
      this.#left[what] -= 1;
      const one = this.#left[what] < 0 ? null : read();
      if (one === null) this.#isBroken = true;
      else list.push(one);
    }
    return list;
  }

  #take(count: number): Buffer | null {
    if (this.#isBroken || this.#at + count > this.#bytes.length) {
      this.#isBroken = true;
      return null;
    }
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
