import type { Instant } from "#core/index.ts";
import { instantAt, type Wall, wallAt } from "./zone.ts";

/** When and where a query is read: relative dates count from `now`, days begin as in `zone` (an IANA name). */
export interface QueryContext {
  now: Instant;
  zone: string;
}

/** The stretch of time a written date names: a year, month, day, hour, minute or second; `before` is excluded. */
export interface Span {
  kind: "span";
  from: Instant;
  before: Instant;
}

/** Why a text is no date, and dates in ISO form that may have been meant. */
export interface NoDate {
  kind: "no-date";
  message: string;
  suggestions: string[];
}

/**
 * Reads `2026`, `2026-04`, `2026-04-01`, `2026-04-01T10:30[:15][Z|+02:00]`, `today`, `yesterday` or an age (`7d`).
 *
 * Slashes may stand for hyphens when the year comes first. `01/04/2026` is refused: half the world reads it as April,
 * the other half as January.
 */
export function readDate(text: string, context: QueryContext): Span | NoDate {
  const folded = text.toLowerCase();
  if (folded === "today") return spanOf(wallAt(context.now, context.zone), "day", context.zone);
  if (folded === "yesterday") return daysAgo(1, context);
  const age = readAge(folded, context);
  if (age?.kind === "no-date") return age;
  if (age !== null) return spanOf(wallAt(age.at, context.zone), folded.endsWith("h") ? "hour" : "day", context.zone);
  const iso = isoShape.exec(text);
  if (iso === null) return notIso(text);
  return readIso(iso, text, context.zone);
}

/**
 * The instant so long ago, to the second: `12h`, `7d`, `2w`, `3m` (calendar months), `1y`; null when not of that shape.
 *
 * Days and longer keep the time of day in the viewer's zone; a day that the month lacks becomes its last.
 */
export function readAge(text: string, { now, zone }: QueryContext): { kind: "age"; at: Instant } | NoDate | null {
  const shape = /^(\d{1,4})([hdwmy])$/i.exec(text);
  if (shape === null) return null;
  const count = Number(shape[1]);
  const unit = shape[2]!.toLowerCase();
  const second = (Math.floor(now / 1000) * 1000) as Instant;
  if (unit === "h") return { kind: "age", at: (second - count * 3_600_000) as Instant };
  const wall = wallAt(second, zone);
  const earlier = unit === "d" || unit === "w" ? { ...wall, day: wall.day - count * (unit === "w" ? 7 : 1) } : null;
  const target = earlier ?? monthsBefore(wall, unit === "y" ? count * 12 : count);
  if (target.year < yearMin) return { kind: "no-date", message: `"${text}" lies before mail`, suggestions: [] };
  return { kind: "age", at: instantAt(target, zone) };
}

/** Below it, years have fewer than four digits, and nobody has mail from then. */
const yearMin = 1000;

const isoShape =
  /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[Tt](\d{1,2})(?::(\d{2})(?::(\d{2}))?)?([Zz]|[+-]\d{2}:?\d{2})?)?)?)?$/;

type Unit = "year" | "month" | "day" | "hour" | "minute" | "second";

function readIso(iso: RegExpExecArray, text: string, zone: string): Span | NoDate {
  const [year, month, day, hour, minute, second] = iso.slice(1, 7).map((part) => part && Number(part)) as number[];
  const wall = {
    year: year!,
    month: month ?? 1,
    day: day ?? 1,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
  };
  const isReal = wall.year >= yearMin && isWithin(wall.month, 1, 12) && isWithin(wall.day, 1, daysIn(wall));
  if (!isReal || !isWithin(wall.hour, 0, 23) || !isWithin(wall.minute, 0, 59) || !isWithin(wall.second, 0, 59)) {
    return { kind: "no-date", message: `"${text}" is not in the calendar`, suggestions: [] };
  }
  const units: Unit[] = ["year", "month", "day", "hour", "minute", "second"];
  const unit = units[[month, day, hour, minute, second].filter((part) => part !== undefined).length]!;
  return spanOf(wall, unit, iso[7] === undefined ? zone : zoneOfOffset(iso[7]));
}

function zoneOfOffset(offset: string): string {
  return /^z$/i.test(offset) ? "UTC" : `${offset.slice(0, 3)}:${offset.slice(-2)}`;
}

function spanOf(wall: Wall, unit: Unit, zone: string): Span {
  const kept = { year: wall.year, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  for (const part of ["month", "day", "hour", "minute", "second"] as const) {
    if (unit === "year") break;
    kept[part] = wall[part];
    if (part === unit) break;
  }
  return { kind: "span", from: instantAt(kept, zone), before: instantAt({ ...kept, [unit]: kept[unit] + 1 }, zone) };
}

function daysAgo(days: number, { now, zone }: QueryContext): Span {
  const wall = wallAt(now, zone);
  const noon = instantAt({ ...wall, day: wall.day - days, hour: 12 }, zone);
  return spanOf(wallAt(noon, zone), "day", zone);
}

function monthsBefore(wall: Wall, months: number): Wall {
  const index = wall.year * 12 + wall.month - 1 - months;
  const target = { ...wall, year: Math.floor(index / 12), month: (index % 12) + 1 };
  return target.year < yearMin ? target : { ...target, day: Math.min(wall.day, daysIn(target)) };
}

function daysIn({ year, month }: { year: number; month: number }): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isWithin(number: number, min: number, max: number): boolean {
  return number >= min && number <= max;
}

function notIso(text: string): NoDate {
  const shape = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text);
  if (shape === null) {
    return { kind: "no-date", message: `"${text}" is no date; write 2026-04-01, today or 7d`, suggestions: [] };
  }
  const [first, second, year] = [Number(shape[1]), Number(shape[2]), Number(shape[3])];
  const readings: [number, number][] = [
    [second, first],
    [first, second],
  ];
  const real = readings.filter(([month, day]) => isWithin(month, 1, 12) && isWithin(day, 1, daysIn({ year, month })));
  const suggestions = real.map(([month, day]) => `${year}-${two(month)}-${two(day)}`);
  return {
    kind: "no-date",
    message: `"${text}" is read differently in different countries; write the year first`,
    suggestions: [...new Set(suggestions)],
  };
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
