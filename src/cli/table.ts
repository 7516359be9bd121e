import type { Terminal } from "./terminal.ts";

/** One column of a result. */
export interface Column<T> {
  title: string;
  /** The cell; null and undefined print as a dash. */
  cell(row: T): string | number | null | undefined;
}

/** Prints rows as an aligned table for a person, or as TSV with a heading line for a program. */
export async function outTable<T>(
  terminal: Terminal,
  columns: readonly Column<T>[],
  rows: readonly T[],
): Promise<void> {
  const lines = [columns.map((column) => column.title), ...rows.map((row) => columns.map((one) => cellText(one, row)))];
  if (!terminal.isTty) {
    await terminal.out(lines.map((cells) => cells.join("\t") + "\n").join(""));
    return;
  }
  const widths = columns.map((_, at) => Math.min(cellWidthMax, Math.max(...lines.map((cells) => cells[at]!.length))));
  const padded = lines.map((cells) => cells.map((cell, at) => clipped(cell, widths[at]!)).join("  "));
  await terminal.out(padded.map((line) => line.slice(0, terminal.columns).trimEnd() + "\n").join(""));
}

/** Widest cell of a table in characters, so that one long subject does not push the rest off the screen. */
const cellWidthMax = 48;

/**
 * Text of a sender, made safe to print: control characters, which steer terminals and break TSV, and characters that
 * turn the reading direction are shown as a replacement character.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "\u{fffd}");
}

function cellText<T>(column: Column<T>, row: T): string {
  const value = column.cell(row);
  return value === null || value === undefined ? "-" : printable(String(value));
}

function clipped(text: string, width: number): string {
  return text.length > width ? text.slice(0, width - 1) + "…" : text.padEnd(width);
}
