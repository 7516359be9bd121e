import type { Instant } from "#core/index.ts";

/** An instant as RFC 3339 in UTC with milliseconds. */
export function timeText(at: Instant): string {
  return new Date(at).toISOString();
}

/** As {@link timeText}; null stays null. */
export function timeTextOrNull(at: Instant | null): string | null {
  return at === null ? null : timeText(at);
}
