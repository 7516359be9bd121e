import { Failure, must } from "#core/index.ts";
import type { PageRequest } from "./search-index.ts";

/** Most hits in one page. */
const pageLimitMax = 1000;

/**
 * The place below which a page begins: that of the last hit before it.
 *
 * @throws Failure `SEARCH-CURSOR` when `after` was not given out by a search
 */
export function placeBelow(page: PageRequest): number {
  must(Number.isInteger(page.limit) && page.limit >= 1 && page.limit <= pageLimitMax, "a page has 1 to 1,000 hits");
  if (page.after === null) return Number.MAX_SAFE_INTEGER;
  const place = /^\d{1,16}$/.test(page.after) ? Number(page.after) : Number.NaN;
  if (!Number.isSafeInteger(place)) throw new Failure("SEARCH-CURSOR", "never", "this page does not continue a search");
  return place;
}
