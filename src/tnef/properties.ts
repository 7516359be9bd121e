import { decodeCodePage, decodeUtf16, untilNul } from "./code-page.ts";

/** A MAPI property: its number, its type, and the octets of its values. */
export interface Property {
  /** 16 bits; from 0x8000 on it has a meaning only with its name, which is not kept. */
  id: number;
  /** Without the flag for many values. */
  type: number;
  values: Buffer[];
}

/** Octets in which properties are read one after the other. */
export interface Cursor {
  bytes: Buffer;
  at: number;
}

/** Property types ([MS-OXCDATA] §2.11.1). */
export const types = { object: 0x0d, string8: 0x1e, unicode: 0x1f, binary: 0x102, time: 0x40 } as const;

const fixedBytes: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 2,
  20: 8,
  64: 8,
  72: 16,
};
const variable: ReadonlySet<number> = new Set([types.object, types.string8, types.unicode, types.binary]);
const manyFlag = 0x1000;
const namedFrom = 0x8000;

/**
 * Reads one counted list of properties, leaving the cursor after it.
 *
 * `isWhole` is false when the list breaks off or has an unknown type: what stood before is given, and what follows
 * cannot be found. At most `room` properties are read.
 * @see [MS-OXTNEF] §2.1.3.3, §2.1.3.4
 */
export function readProperties(cursor: Cursor, room: number): { properties: Property[]; isWhole: boolean } {
  const properties: Property[] = [];
  const count = take32(cursor);
  if (count === null) return { properties, isWhole: false };
  for (let index = 0; index < count; index += 1) {
    const property = properties.length < room ? readProperty(cursor) : null;
    if (property === null) return { properties, isWhole: false };
    properties.push(property);
  }
  return { properties, isWhole: true };
}

function readProperty(cursor: Cursor): Property | null {
  const tag = take32(cursor);
  if (tag === null) return null;
  const id = tag >>> 16;
  const type = tag & 0xffff & ~manyFlag;
  if (id >= namedFrom && !stepOverName(cursor)) return null;
  const isMany = (tag & manyFlag) !== 0;
  const isVariable = variable.has(type);
  const size = fixedBytes[type];
  // Many values of no octets are a claim that nothing bounds.
  if (!isVariable && (size === undefined || (isMany && size === 0))) return null;
  const count = isMany || isVariable ? take32(cursor) : 1;
  if (count === null) return null;
  const values: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = isVariable ? take32(cursor) : size!;
    const value = length === null ? null : takePadded(cursor, length);
    if (value === null) return null;
    values.push(value);
  }
  return { id, type, values };
}

function stepOverName(cursor: Cursor): boolean {
  cursor.at += 16;
  const kind = take32(cursor);
  const length = take32(cursor);
  if (kind === null || length === null) return false;
  return kind === 0 || takePadded(cursor, length) !== null;
}

/** The next 32-bit number, null at the end of the octets. */
export function take32(cursor: Cursor): number | null {
  if (cursor.at + 4 > cursor.bytes.length) return null;
  const value = cursor.bytes.readUInt32LE(cursor.at);
  cursor.at += 4;
  return value;
}

function takePadded(cursor: Cursor, length: number): Buffer | null {
  const { bytes, at } = cursor;
  if (at + length > bytes.length) return null;
  cursor.at = Math.min(bytes.length, at + Math.ceil(length / 4) * 4);
  return bytes.subarray(at, at + length);
}

/** The text of a property; empty when there is none. */
export function textOf(property: Property | undefined, page: number | null): string {
  const value = property?.values[0];
  if (value === undefined) return "";
  if (property!.type === types.unicode) return decodeUtf16(value);
  return property!.type === types.string8 ? untilNul(decodeCodePage(value, page)) : "";
}

/** The number of a property; null when there is none. */
export function numberOf(property: Property | undefined): number | null {
  const value = property?.values[0];
  return value !== undefined && value.length >= 4 ? value.readUInt32LE(0) : null;
}
