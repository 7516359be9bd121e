import type { Instant } from "#core/index.ts";

/**
 * The instant that a Date or Received date names, or null. Obsolete zones and years of two or three digits are
 * understood, comments and junk around the date are stepped over; a missing or unknown zone counts as UTC. Dates that
 * do not exist are null, never shifted.
 *
 * @see RFC 5322 §3.3, §4.3; asctime and ISO 8601 forms because mail programs send them
 */
export function readMailDate(text: string): Instant | null {
  const bounded = text
    .slice(0, dateCharsMax)
    .replace(/\([^()]*\)/g, " ")
    .replace(/\s+/g, " ");
  return fromMailForm(bounded) ?? fromAsctime(bounded) ?? fromIso(bounded);
}

/** The date stands at the front of its field; junk beyond this is not searched. */
const dateCharsMax = 512;

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Minutes east of UTC. Single letters are zones that RFC 822 defined the wrong way round: they count as UTC. */
const zoneMinutes = new Map([
  ["est", -300],
  ["edt", -240],
  ["cst", -360],
  ["cdt", -300],
  ["mst", -420],
  ["mdt", -360],
  ["pst", -480],
  ["pdt", -420],
  // Not in RFC 5322, but sent by mail programs and unambiguous enough.
  ["cet", 60],
  ["cest", 120],
  ["met", 60],
  ["mest", 120],
  ["bst", 60],
  ["jst", 540],
]);

/** `13 Feb 1969 23:32:54 -0330`, the day of the week stepped over. */
const mailForm =
  /(?<!\d)(\d{1,2})[ -]{1,3}([a-z]{3})[a-z]{0,6}\.?[ -]{1,3}(\d{2,4})[ ,]{1,3}(\d{1,2}) ?[:.] ?(\d{1,2})(?: ?[:.] ?(\d{1,2})(?:\.\d{1,9})?)?(?: ?([ap]m)\b)? ?((?:gmt|utc?)? ?[+-] ?\d{1,2}(?::?\d{2})?|[a-z]{1,5})?/i;
/** `Feb 13 23:32:54 1969`, a zone perhaps before the year. */
const asctimeForm = /([a-z]{3}) (\d{1,2}) (\d{1,2}):(\d{2})(?::(\d{2}))? (?:([a-z]{1,5}|[+-]\d{4}) )?(\d{4})/i;
/** `1969-02-13T23:32:54Z`, with slashes or a day of the week too. */
const isoForm =
  /(?<!\d)(\d{4})[-/](\d{2})[-/](\d{2})(?:T| (?:[a-z]{3} )?)(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?([+-]\d{2}:?\d{2}|[a-z]{1,5})?/i;

function fromMailForm(text: string): Instant | null {
  const found = mailForm.exec(text);
  if (found === null) return null;
  const [, day, month, year, hour, minute, second, half, zone] = found;
  const hour24 = half === undefined ? hour! : hourOfHalf(Number(hour), half);
  return instant(fullYear(year!), monthOf(month!), day!, hour24, minute!, second, offsetOf(zone));
}

function fromAsctime(text: string): Instant | null {
  const found = asctimeForm.exec(text);
  if (found === null) return null;
  const [, month, day, hour, minute, second, zone, year] = found;
  return instant(Number(year), monthOf(month!), day!, hour!, minute!, second, offsetOf(zone));
}

function fromIso(text: string): Instant | null {
  const found = isoForm.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour, minute, second, zone] = found;
  return instant(Number(year), Number(month) - 1, day!, hour!, minute!, second, offsetOf(zone));
}

function instant(
  year: number,
  month: number,
  dayText: string,
  hourText: string,
  minuteText: string,
  secondText: string | undefined,
  offsetMinutes: number,
): Instant | null {
  const [day, hour, minute, second] = [dayText, hourText, minuteText, secondText ?? "0"].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (month < 0 || hour > 23 || minute > 59 || second > 60) return null;
  const midnight = new Date(Date.UTC(year, month, day));
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null;
  return (midnight.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000) as Instant;
}

function monthOf(name: string): number {
  return months.indexOf(name.slice(0, 3).toLowerCase());
}

/** Twelve-hour clocks are no mail dates, but some programs send them; 13 PM is what it says. */
function hourOfHalf(hour: number, half: string): string {
  if (hour > 12) return String(hour);
  return String((hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0));
}

/** RFC 5322 §4.3: two digits below 50 are this century, other short years count from 1900. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

/** Minutes east of UTC: `+0100`, `+01:00`, `GMT+1`, or a name; what is not known counts as UTC. */
function offsetOf(zone: string | undefined): number {
  const numeric = /([+-]) ?(\d{1,2})(?::?(\d{2}))?$/.exec(zone ?? "");
  if (numeric === null) return zoneMinutes.get((zone ?? "").toLowerCase()) ?? 0;
  const [, direction, hours, minutes] = numeric;
  if (Number(hours) > 23 || Number(minutes ?? 0) > 59) return 0;
  const offset = Number(hours) * 60 + Number(minutes ?? 0);
  return direction === "-" ? -offset : offset;
}
