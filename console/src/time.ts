import { text } from "./text/index.ts";

/** The viewer's time zone by its IANA name; searches send it so that day bounds are the viewer's. */
export const zone: string = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const dayAndTime = new Intl.DateTimeFormat(text.locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const toTheSecond = new Intl.DateTimeFormat(text.locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const clock = new Intl.DateTimeFormat(text.locale, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** An instant as day and minute in the viewer's zone, zone named. */
export function dateText(at: string | number): string {
  return dayAndTime.format(new Date(at));
}

/** An instant to the second in the viewer's zone and in UTC, for hover and for reports. */
export function exactText(at: string | number): string {
  const date = new Date(at);
  return `${toTheSecond.format(date)} (${date.toISOString()})`;
}

/** The time of day as HH:MM:SS in the viewer's zone. */
export function clockText(at: string | number): string {
  return clock.format(new Date(at));
}

/** A span of seconds in its two largest units at most: `4 s`, `3 min`, `2 h 10 min`, `3 d 4 h`. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Where a day such as `2026-01-31` begins in the viewer's zone, as an instant in UTC; nothing for what is no day. */
export function dayStart(day: string): string {
  return instantOf(new Date(`${day}T00:00:00`));
}

/** Where the day after it begins. */
export function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return instantOf(date);
}

function instantOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
