import type { Instant } from "#core/index.ts";

/** A date and time of day as a clock on the wall shows it; months from 1. Values beyond their range carry over. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/**
 * The instant at which clocks in `zone` first show `wall`.
 *
 * A time that a change of offset leaves out is read with the offset before the change: a day that begins with the gap
 * begins at the change itself.
 *
 * @param zone an IANA name; an unknown one throws RangeError
 */
export function instantAt(wall: Wall, zone: string): Instant {
  const asUtc = utcOf(wall);
  // Offsets change seldom, so those a day to either side are the only two that can apply.
  const before = asUtc - offsetAt((asUtc - dayMs) as Instant, zone);
  const after = asUtc - offsetAt((asUtc + dayMs) as Instant, zone);
  const shown = [before, after].filter((instant) => instant + offsetAt(instant as Instant, zone) === asUtc);
  return (shown.length === 0 ? before : Math.min(...shown)) as Instant;
}

/** What clocks in `zone` show at `instant`, to the second. */
export function wallAt(instant: Instant, zone: string): Wall {
  const shown = new Date(Math.floor(instant / 1000) * 1000 + offsetAt(instant, zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
  };
}

/** An instant for people: `2026-01-01 00:00 Europe/Berlin (UTC+01:00)`; seconds only where there are some. */
export function describeInstant(instant: Instant, zone: string): string {
  const offset = offsetAt(instant, zone);
  const local = new Date(instant + offset).toISOString();
  const time = local.slice(11, local.slice(17, 19) === "00" ? 16 : 19);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const size = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${local.slice(0, 10)} ${time} ${zone} (UTC${offset < 0 ? "-" : "+"}${size})`;
}

const dayMs = 86_400_000;

function two(number: number): string {
  return String(number).padStart(2, "0");
}

function utcOf(wall: Wall): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
}

/** Milliseconds by which clocks in `zone` are ahead of UTC at `instant`. */
function offsetAt(instant: Instant, zone: string): number {
  const shown = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
  const wall = { year: part("year"), month: part("month"), day: part("day") };
  const time = { hour: part("hour"), minute: part("minute"), second: part("second") };
  return utcOf({ ...wall, ...time }) - Math.floor(instant / 1000) * 1000;
}

/** Making a format costs a hundred times what using it costs; a query needs several, always of one zone. */
const formats = new Map<string, Intl.DateTimeFormat>();
const formatsMax = 32;

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  if (formats.size >= formatsMax) formats.clear();
  formats.set(zone, format);
  return format;
}
