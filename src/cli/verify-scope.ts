import { usageFailure } from "./problem.ts";
import { type Call, textOption } from "./verb.ts";

/** A share written as `5%` or `0.5%`: above 0 and at most 100%. Undefined when `--sample` was not given; throws `USAGE`. */
export function sampleOption(call: Call): number | undefined {
  const text = textOption(call, "sample");
  if (text === undefined) return undefined;
  const percent = /^\d{1,3}(?:\.\d{1,6})?%$/.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent > 0 && percent <= 100) return percent / 100;
  throw usageFailure(`--sample is ${text}; it must be a share such as 5%, above 0% and at most 100%`);
}

/** A day in UTC or an RFC 3339 time, as an RFC 3339 time. Undefined when the option was not given; throws `USAGE`. */
export function timeOption(call: Call, name: "since" | "until"): string | undefined {
  const text = textOption(call, name);
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = new Date(isTime ? text : Number.NaN);
  // The day must exist: Date takes the 31st of February for one of March.
  const isDay = !Number.isNaN(at.getTime()) && (text.length > 10 || at.toISOString().startsWith(text));
  if (isDay) return at.toISOString();
  throw usageFailure(
    `--${name} is ${text}; it must be a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z`,
  );
}
