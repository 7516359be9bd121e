import type { OutlookAttachment, OutlookItem, OutlookProperty } from "#outlook/index.ts";
import type { Descriptors, PstDescriptor, PstFile, PstLibrary, PstNode, PstTable, TableItem } from "./pst-library.ts";

/** An item of a PST file, or one that could not be read. */
export interface PstItem {
  /** Its number in the file, which stays when it is moved to another folder. */
  node: number;
  /** Names of the folders it lies in, outermost first. */
  folders: readonly string[];
  /** Reads it; throws what the library throws. */
  read(): { item: OutlookItem; isPartial: boolean };
}

/** What is met in a PST file: an item, or a folder whose items cannot be listed. */
export type PstFound =
  | ({ kind: "item" } & PstItem)
  | { kind: "unreadable"; folders: readonly string[]; reason: string };

const nodeTypes = { mask: 0x1f, folder: 0x02, item: 0x04 } as const;
/** Tables of a folder lie at its own number with another type ([MS-PST] §2.4.4). */
const tables = { folders: 0x0d, items: 0x0e } as const;
/** Tables of an item, by the numbers of their blocks in it ([MS-PST] §2.4.5). */
const blocks = { recipients: 0x0692, attachments: 0x0671 } as const;
const ids = {
  displayName: 0x3001,
  contentCount: 0x3602,
  row: 0x67f2,
  attachData: 0x3701,
  attachMethod: 0x3705,
} as const;
const attachedItem = 5;
/** Types whose value stands in the table itself. */
const inlineTypes: ReadonlySet<number> = new Set([0x01, 0x02, 0x03, 0x04, 0x0a, 0x0b]);
const unicode = 0x1f;
const objectType = 0x0d;
const foldersDepthMax = 100;
/** Levels of a tree of keys, which holds hundreds of thousands of rows at three. */
const keyLevelsMax = 8;
/** A reference into a heap. */
const referenceBytes = 4;
const itemsDepthMax = 20;

/** Walks one PST file that is open. */
export class PstWalk {
  readonly #library: PstLibrary;
  readonly #file: PstFile;
  readonly #root: PstNode;
  readonly #seen = new Set<number>();

  /** Throws what the library throws when the file has no root. */
  constructor(library: PstLibrary, file: PstFile) {
    this.#library = library;
    this.#file = file;
    this.#root = file.getRootFolder().descriptorIndexNode;
  }

  /** The name of the store: its owner, or what Outlook calls the file. */
  owner(): string | null {
    try {
      return this.#nameOf(this.#nodeAt(0x21)) || null;
    } catch {
      return null;
    }
  }

  /** Every item of every folder, folder by folder. What cannot be listed is told, and the rest goes on. */
  *items(): Generator<PstFound> {
    yield* this.#folder(this.#root, []);
  }

  *#folder(node: PstNode, folders: readonly string[]): Generator<PstFound> {
    const id = node.descriptorIdentifier;
    if (this.#seen.has(id) || folders.length > foldersDepthMax) return;
    this.#seen.add(id);
    let items = 0;
    yield* this.#listed(folders, tables.items, id, function* (this: PstWalk, child: number) {
      if ((child & nodeTypes.mask) !== nodeTypes.item) return;
      items += 1;
      if (this.#seen.has(child)) return;
      this.#seen.add(child);
      yield { kind: "item", node: child, folders, read: () => this.#read(child) } satisfies PstFound;
    });
    const stated = this.#countOf(node);
    if (items < stated)
      yield { kind: "unreadable", folders, reason: `the folder says it has ${stated} items; ${items} are listed` };
    yield* this.#listed(folders, tables.folders, id, function* (this: PstWalk, child: number) {
      // Folders of another type hold the results of searches: items that lie elsewhere.
      if ((child & nodeTypes.mask) !== nodeTypes.folder) return;
      const inner = this.#nodeAt(child);
      yield* this.#folder(inner, [...folders, this.#nameOf(inner) || "?"]);
    });
  }

  /** How many items a folder says it has; 0 where it does not say. */
  #countOf(node: PstNode): number {
    try {
      const properties = this.#propertiesAt(this.#file.getOffsetIndexNode(node.dataOffsetIndexIdentifier));
      return properties.get(ids.contentCount)?.entryValueReference ?? 0;
    } catch {
      return 0;
    }
  }

  /** Calls `use` for each row of a table of a folder; a row that fails is told. */
  *#listed(
    folders: readonly string[],
    type: number,
    folder: number,
    use: (this: PstWalk, child: number) => Generator<PstFound>,
  ): Generator<PstFound> {
    try {
      const node = this.#nodeAt((folder & ~nodeTypes.mask) | type);
      const descriptors = this.#descriptorsOf(node.localDescriptorsOffsetIndexIdentifier);
      const stream = this.#streamOf(this.#file.getOffsetIndexNode(node.dataOffsetIndexIdentifier));
      const table = new this.#library.PSTTable7C(stream, descriptors ?? undefined, ids.row);
      for (const child of this.#rowNumbers(table)) yield* use.call(this, child);
    } catch (error) {
      yield { kind: "unreadable", folders, reason: String(error) };
    }
  }

  #read(id: number): ReturnType<PstItem["read"]> {
    const node = this.#nodeAt(id);
    const reading = { isPartial: false };
    const descriptors = this.#descriptorsOf(node.localDescriptorsOffsetIndexIdentifier);
    const properties = this.#propertiesAt(this.#file.getOffsetIndexNode(node.dataOffsetIndexIdentifier));
    return { item: this.#itemOf(properties, descriptors, reading, 0), isPartial: reading.isPartial };
  }

  #itemOf(
    properties: Map<number, TableItem>,
    descriptors: Descriptors | null,
    reading: { isPartial: boolean },
    depth: number,
  ): OutlookItem {
    const tryTo = <Result>(read: () => Result, otherwise: Result): Result => {
      try {
        return read();
      } catch {
        // What cannot be read of an item is noted on it; the rest of it is worth having.
        reading.isPartial = true;
        return otherwise;
      }
    };
    return {
      properties: this.#valuesOf(properties, descriptors, reading),
      recipients: tryTo(() => this.#recipients(descriptors, reading), []),
      attachments: tryTo(() => this.#attachmentNumbers(descriptors), []).flatMap((number) => {
        const block = descriptors?.get(number);
        if (block !== undefined) return tryTo(() => [this.#attachment(block, reading, depth)], []);
        reading.isPartial = true;
        return [];
      }),
    };
  }

  #attachment(block: PstDescriptor, reading: { isPartial: boolean }, depth: number): OutlookAttachment {
    const table = this.#propertiesAt(block);
    const own = this.#blocksOf(block);
    const data = table.get(ids.attachData);
    const isItem = table.get(ids.attachMethod)?.entryValueReference === attachedItem;
    if (!isItem || data === undefined || data.entryValueType !== objectType || data.data.length < 4)
      return { properties: this.#valuesOf(table, own, reading), item: null };
    table.delete(ids.attachData);
    const properties = this.#valuesOf(table, own, reading);
    const inner = own?.get(data.data.readUInt32LE(0));
    if (inner === undefined || depth >= itemsDepthMax) {
      reading.isPartial = true;
      return { properties, item: null };
    }
    return { properties, item: this.#itemOf(this.#propertiesAt(inner), this.#blocksOf(inner), reading, depth + 1) };
  }

  #recipients(descriptors: Descriptors | null, reading: { isPartial: boolean }): OutlookProperty[][] {
    const block = descriptors?.get(blocks.recipients);
    if (block === undefined) return [];
    const own = this.#blocksOf(block);
    const table = new this.#library.PSTTable7C(this.#streamOf(block), own ?? undefined);
    // Rows that the tree of keys does not know are what deleted ones left behind.
    const rows = new Map(
      table.getItems(0, table.rowCount).map((row) => [row.get(ids.row)?.entryValueReference ?? -1, row]),
    );
    return [...this.#rowNumbers(table)].flatMap((number) => {
      const row = rows.get(number);
      if (row !== undefined) return [this.#valuesOf(row, own, reading)];
      reading.isPartial = true;
      return [];
    });
  }

  #attachmentNumbers(descriptors: Descriptors | null): number[] {
    const block = descriptors?.get(blocks.attachments);
    if (block === undefined) return [];
    const own = this.#blocksOf(block);
    return [...this.#rowNumbers(new this.#library.PSTTable7C(this.#streamOf(block), own ?? undefined))];
  }

  /**
   * Numbers of the rows of a table, by its tree of keys ([MS-PST] §2.3.4.3.1), which knows them all; the library finds rows by
   * counting octets, which is wrong for tables of several blocks.
   */
  *#rowNumbers(table: PstTable, hid = table.hidRoot, level = table.numberOfIndexLevels): Generator<number> {
    const leaf = table.getNodeInfo(hid);
    if (leaf === null || level > keyLevelsMax) throw new Error(`a table has no keys at ${hid}`);
    const { sizeOfItemKey: keyBytes, sizeOfItemValue: valueBytes } = table;
    const recordBytes = keyBytes + (level === 0 ? valueBytes : referenceBytes);
    for (let at = 0; at + recordBytes <= leaf.length(); at += recordBytes) {
      if (level === 0) yield leaf.seekAndReadLong(this.#long(at), keyBytes).toNumber();
      else {
        const below = leaf.seekAndReadLong(this.#long(at + keyBytes), referenceBytes).toNumber();
        yield* this.#rowNumbers(table, below, level - 1);
      }
    }
  }

  #valuesOf(
    table: Map<number, TableItem>,
    descriptors: Descriptors | null,
    reading: { isPartial: boolean },
  ): OutlookProperty[] {
    return [...table].flatMap(([id, item]) => {
      const value = octetsOf(item, descriptors);
      if (value !== null) return [{ id, type: item.entryValueType, value }];
      reading.isPartial = true;
      return [];
    });
  }

  #propertiesAt(place: PstDescriptor | object): Map<number, TableItem> {
    const table = new this.#library.PSTTableBC(this.#streamOf(place));
    // The library reads the lowest level only; no item of mail has so many properties that it needs another.
    if (table.numberOfIndexLevels > 0) throw new Error("an item has more properties than are read");
    return table.getItems();
  }

  #streamOf(place: PstDescriptor | object): object {
    return new this.#library.PSTNodeInputStream(this.#file, place);
  }

  #blocksOf({ subNodeOffsetIndexIdentifier: id }: PstDescriptor): Descriptors | null {
    return id > 0 ? this.#file.getPSTDescriptorItems(this.#long(id)) : null;
  }

  #descriptorsOf(id: PstNode["localDescriptorsOffsetIndexIdentifier"]): Descriptors | null {
    return id.toNumber() === 0 ? null : this.#file.getPSTDescriptorItems(id);
  }

  #nodeAt(id: number): PstNode {
    return this.#file.getDescriptorIndexNode(this.#long(id));
  }

  #nameOf(node: PstNode): string {
    const name = this.#propertiesAt(this.#file.getOffsetIndexNode(node.dataOffsetIndexIdentifier)).get(ids.displayName);
    if (name === undefined) return "";
    return name.data.toString(name.entryValueType === unicode ? "utf16le" : "latin1").replace(/\0.*$/s, "");
  }

  /** A number of the library's kind: it has a package of its own for them, which is not ours to name. */
  #long(value: number): PstNode["dataOffsetIndexIdentifier"] {
    const kind = this.#root.dataOffsetIndexIdentifier.constructor as unknown as {
      fromNumber(value: number): PstNode["dataOffsetIndexIdentifier"];
    };
    return kind.fromNumber(value);
  }
}

/** The octets of a property; null when the block that should hold them is not there or cannot be read. */
function octetsOf(item: TableItem, descriptors: Descriptors | null): Buffer | null {
  if (inlineTypes.has(item.entryValueType)) {
    const value = Buffer.alloc(4);
    value.writeUInt32LE(item.entryValueReference >>> 0);
    return value;
  }
  // A reference to nothing is an empty value.
  if (!item.isExternalValueReference || item.entryValueReference === 0) return item.data;
  try {
    return descriptors?.get(item.entryValueReference)?.getData() ?? null;
  } catch {
    return null;
  }
}
