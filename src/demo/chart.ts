import { crc32, deflateSync } from "node:zlib";

/** Pixels. */
const width = 240;
const height = 120;
const margin = 12;
/** Red, green and blue of paper, axis and bars. */
const palette = [0xff, 0xff, 0xff, 0x33, 0x3d, 0x47, 0x2b, 0x6c, 0x8f];
const paper = 0;
const axis = 1;
const bar = 2;

/** A bar chart of positive numbers as a PNG picture of three colours (RFC 2083). */
export function chartPng(values: readonly number[]): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    // A row begins with its filter: none.
    const row = [0];
    for (let x = 0; x < width; x += 1) row.push(colourAt(values, x, y));
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a pixel, colours from a palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function colourAt(values: readonly number[], x: number, y: number): number {
  const floor = height - margin;
  if (x === margin || y === floor) return axis;
  const slot = (width - 2 * margin) / values.length;
  const at = (x - margin) / slot;
  const value = values[Math.floor(at)];
  if (value === undefined || at < 0 || at % 1 < 0.2) return paper;
  const top = floor - (value / Math.max(...values)) * (floor - margin);
  return y > top && y < floor ? bar : paper;
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
