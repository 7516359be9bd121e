import { types } from "#tnef/index.ts";
import { type CompoundEntry, CompoundFile } from "./compound-file.ts";
import type { OutlookItem, OutlookProperty } from "./item.ts";
import { attachmentsMax, depthMax, propertiesMax, recipientsMax } from "./limits.ts";

/** What was read of a `.msg`. */
export interface MsgReading {
  item: OutlookItem;
  /** Whether some of it could not be read. */
  isDamaged: boolean;
}

/** Octets before the properties in their stream, by what they belong to ([MS-OXMSG] §2.4.1). */
const headBytes = { message: 32, attachedMessage: 24, other: 8 } as const;
const propertyBytes = 16;
/** Where the value of a property of fixed size stands in its 16 octets. */
const valueAt = 8;
const named = {
  properties: "__properties_version1.0",
  value: /^__substg1\.0_([0-9a-f]{4})([0-9a-f]{4})$/i,
  recipient: /^__recip_version1\.0_#([0-9a-f]{8})$/i,
  attachment: /^__attach_version1\.0_#([0-9a-f]{8})$/i,
  attachedMessage: "__substg1.0_3701000d",
} as const;
const variableTypes: ReadonlySet<number> = new Set([types.string8, types.unicode, types.binary, types.object]);
/** Properties from here on have a meaning only with their name. */
const namedFrom = 0x8000;

/**
 * The item in a `.msg` file of Outlook, of any octets: never throws; time and memory are linear in their number.
 *
 * Properties without a name of their own and values of many are left out: mail has none.
 * @see [MS-OXMSG]
 */
export function readMsg(octets: Buffer): MsgReading {
  const file = new CompoundFile(octets);
  const reader = new MsgReader(file);
  const item = reader.item(file.root, headBytes.message, 0);
  return { item, isDamaged: file.isDamaged || reader.isCut };
}

class MsgReader {
  readonly #file: CompoundFile;
  #properties = propertiesMax;
  #recipients = recipientsMax;
  #attachments = attachmentsMax;
  isCut = false;

  constructor(file: CompoundFile) {
    this.#file = file;
  }

  item(storage: CompoundEntry, head: number, depth: number): OutlookItem {
    const recipients = numbered(storage, named.recipient);
    const attachments = numbered(storage, named.attachment);
    const taken = {
      recipients: recipients.slice(0, this.#recipients),
      attachments: attachments.slice(0, this.#attachments),
    };
    if (taken.recipients.length < recipients.length || taken.attachments.length < attachments.length) this.isCut = true;
    this.#recipients -= taken.recipients.length;
    this.#attachments -= taken.attachments.length;
    return {
      properties: this.#propertiesOf(storage, head),
      recipients: taken.recipients.map((one) => this.#propertiesOf(one, headBytes.other)),
      attachments: taken.attachments.map((one) => this.#attachment(one, depth)),
    };
  }

  #attachment(storage: CompoundEntry, depth: number): OutlookItem["attachments"][number] {
    const properties = this.#propertiesOf(storage, headBytes.other);
    const message = storage.children.find(
      ({ name, isStorage }) => isStorage && name.toLowerCase() === named.attachedMessage,
    );
    if (message === undefined) return { properties, item: null };
    if (depth >= depthMax) {
      this.isCut = true;
      return { properties, item: null };
    }
    return { properties, item: this.item(message, headBytes.attachedMessage, depth + 1) };
  }

  #propertiesOf(storage: CompoundEntry, head: number): OutlookProperty[] {
    const properties: OutlookProperty[] = [];
    const add = (id: number, type: number, value: () => Buffer) => {
      if (id >= namedFrom) return;
      this.#properties -= 1;
      if (this.#properties >= 0) properties.push({ id, type, value: value() });
      else this.isCut = true;
    };
    for (const child of storage.children) {
      if (child.isStorage) continue;
      const found = named.value.exec(child.name);
      if (found !== null)
        add(Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16), () => this.#file.read(child));
      else if (child.name.toLowerCase() === named.properties) {
        const list = this.#file.read(child);
        for (let at = head; at + propertyBytes <= list.length; at += propertyBytes) {
          const type = list.readUInt16LE(at);
          const value = list.subarray(at + valueAt, at + propertyBytes);
          // Of what has no fixed size, the value stands in a stream of its own, and here only its length.
          if (!variableTypes.has(type)) add(list.readUInt16LE(at + 2), type, () => value);
        }
      }
    }
    return properties;
  }
}

/** Storages of a kind, in the order of the numbers in their names. */
function numbered(storage: CompoundEntry, name: RegExp): CompoundEntry[] {
  return storage.children
    .flatMap((child) => {
      const found = child.isStorage ? name.exec(child.name) : null;
      return found === null ? [] : [{ child, number: Number.parseInt(found[1]!, 16) }];
    })
    .sort((one, other) => one.number - other.number)
    .map(({ child }) => child);
}
