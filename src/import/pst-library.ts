import type { PSTFile } from "pst-extractor";

/**
 * What is used of pst-extractor, an optional dependency: its readers of files, tables and blocks, whose names it does not
 * publish. The classes above them are not used: they pass over what they cannot read, and attached items.
 */
export interface PstLibrary {
  PSTFile: new (path: string) => PstFile;
  PSTNodeInputStream: new (file: PstFile, block: PstDescriptor | OffsetItem) => object;
  PSTTableBC: new (stream: object) => PstTable & { getItems(): Map<number, TableItem> };
  PSTTable7C: new (
    stream: object,
    descriptors?: Descriptors,
    column?: number,
  ) => PstTable & { rowCount: number; getItems(first: number, count: number): Map<number, TableItem>[] };
}

/** What tables have in common: a tree of keys. */
export interface PstTable {
  numberOfIndexLevels: number;
  sizeOfItemKey: number;
  sizeOfItemValue: number;
  hidRoot: number;
  getNodeInfo(hid: number): { length(): number; seekAndReadLong(at: Long, bytes: number): Long } | null;
}

/** A 64-bit number of the library's. */
interface Long {
  toNumber(): number;
}
type OffsetItem = object;
/** Blocks that belong to a node, by their numbers in it. */
export type Descriptors = Map<number, PstDescriptor>;

/** A file that is open. */
export interface PstFile extends Pick<PSTFile, "close"> {
  getRootFolder(): { descriptorIndexNode: PstNode };
  getDescriptorIndexNode(id: Long): PstNode;
  getOffsetIndexNode(id: Long): OffsetItem;
  getPSTDescriptorItems(id: Long): Descriptors;
}

/** A node of the file: a folder, an item, a table. */
export interface PstNode {
  descriptorIdentifier: number;
  dataOffsetIndexIdentifier: Long;
  localDescriptorsOffsetIndexIdentifier: Long;
}

/** A block that belongs to a node, which may have blocks of its own. */
export interface PstDescriptor {
  subNodeOffsetIndexIdentifier: number;
  getData(): Buffer;
}

/** A property as a table holds it. */
export interface TableItem {
  entryValueType: number;
  entryValueReference: number;
  isExternalValueReference: boolean;
  data: Buffer;
}

/** Loads the library; throws what an import throws when it is not installed. */
export async function loadPstLibrary(): Promise<PstLibrary> {
  const [file, stream, properties, table] = await Promise.all([
    import("pst-extractor/dist/PSTFile.class.js"),
    import("pst-extractor/dist/PSTNodeInputStream.class.js"),
    import("pst-extractor/dist/PSTTableBC.class.js"),
    import("pst-extractor/dist/PSTTable7C.class.js"),
  ]);
  // Its constructors are declared for its own classes only; what is used of them is what stands above.
  return { ...file, ...stream, ...properties, ...table } as unknown as PstLibrary;
}
