import type { Instant } from "#core/index.ts";
import { type NoDate, type QueryContext, readAge, readDate, type Span } from "./dates.ts";
import { type Reading, type Refusal, refuse, term } from "./reading.ts";
import type { Value } from "./value.ts";
import { describeInstant } from "./zone.ts";

/** `after:`: from the beginning of that day on. */
export function readAfter(value: Value, context: QueryContext): Reading | Refusal {
  return fromDate(value, context, (span) => [span.from, null]);
}

/** `before:`: up to the beginning of that day. */
export function readBefore(value: Value, context: QueryContext): Reading | Refusal {
  return fromDate(value, context, (span) => [null, span.from]);
}

/** `on:`: within that day, month, year, or minute. */
export function readOn(value: Value, context: QueryContext): Reading | Refusal {
  return fromDate(value, context, (span) => [span.from, span.before]);
}

/** `date:A..B` with both days included, open on either side; `date:>=A` and its like; `date:A` is `on:`. */
export function readDateRange(value: Value, context: QueryContext): Reading | Refusal {
  const range = /^(.*?)\.\.(.*)$/.exec(value.text);
  if (range !== null && range[1] + range[2]! !== "") return readRange(range[1]!, range[2]!, value, context);
  const [, comparison, written] = /^([<>]=?|=)?(.*)$/s.exec(value.text)!;
  return fromDate({ ...value, text: written! }, context, (span) => {
    if (comparison === ">") return [span.before, null];
    if (comparison === ">=") return [span.from, null];
    if (comparison === "<") return [null, span.from];
    if (comparison === "<=") return [null, span.before];
    return [span.from, span.before];
  });
}

/** `older_than:7d`: sent longer ago than that. */
export function readOlderThan(value: Value, context: QueryContext): Reading | Refusal {
  return fromAge(value, context, (at) => [null, at]);
}

/** `newer_than:7d`: sent since then. */
export function readNewerThan(value: Value, context: QueryContext): Reading | Refusal {
  return fromAge(value, context, (at) => [at, null]);
}

type Bounds = [from: Instant | null, before: Instant | null];

function fromDate(value: Value, context: QueryContext, bounds: (span: Span) => Bounds): Reading | Refusal {
  const date = readDate(value.text, context);
  return date.kind === "span"
    ? sentTerm(bounds(date), context)
    : noDate(date, value, (iso) => `${value.operator}:${iso}`);
}

function fromAge(value: Value, context: QueryContext, bounds: (at: Instant) => Bounds): Reading | Refusal {
  const age = readAge(value.text, context);
  if (age?.kind === "age") return sentTerm(bounds(age.at), context);
  const message = age?.message ?? `"${value.text}" is no age; write 12h, 7d, 2w, 3m or 1y`;
  return refuse("bad_date", value.column, message, `${value.operator}:7d`);
}

function readRange(first: string, last: string, value: Value, context: QueryContext): Reading | Refusal {
  const from = first === "" ? null : readDate(first, context);
  if (from?.kind === "no-date") return noDate(from, value, (iso) => `${value.operator}:${iso}..${last}`);
  const to = last === "" ? null : readDate(last, context);
  if (to?.kind === "no-date") return noDate(to, value, (iso) => `${value.operator}:${first}..${iso}`);
  if (from !== null && to !== null && from.from >= to.before) {
    return refuse("bad_date", value.column, "the earlier date comes first", `${value.operator}:${last}..${first}`);
  }
  return sentTerm([from?.from ?? null, to?.before ?? null], context);
}

function noDate(date: NoDate, value: Value, suggested: (iso: string) => string): Refusal {
  const suggestion = date.suggestions.length === 0 ? null : date.suggestions.map(suggested).join(" or ");
  return refuse("bad_date", value.column, date.message, suggestion);
}

function sentTerm([from, before]: Bounds, { zone }: QueryContext): Reading {
  const bounds = [
    from === null ? "" : `from ${describeInstant(from, zone)}`,
    before === null ? "" : `before ${describeInstant(before, zone)}`,
  ];
  return term({ kind: "sent", from, before }, `sent ${bounds.filter((bound) => bound !== "").join(" and ")}`);
}
