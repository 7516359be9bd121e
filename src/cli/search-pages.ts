import type { Client } from "./client.ts";

/** A message as a search names it. The API says more, which `--json` prints. */
export interface Summary {
  id: string;
  sha256: string;
  bytes: number;
  subject: string;
  from: string;
  date: string | null;
  state: string;
}

/** A page of results, as the API answers it. */
export interface SearchPage {
  total: number;
  data: Summary[];
  nextCursor: string | null;
  readAs: string;
  coverage: { searchable: number; archived: number; asOf: string };
}

/** Most results that the API gives at once. */
const pageLimitMax = 200;

/** The pages of a search, one by one, up to `limit` results; the first always comes, so that it can be told apart. */
export async function* searchPages(
  client: Client,
  query: string,
  limit: number,
  zone: string,
): AsyncIterable<SearchPage> {
  let cursor: string | null = null;
  let left = limit;
  do {
    const asked = new URLSearchParams({ q: query, zone, limit: String(Math.min(pageLimitMax, left)) });
    if (cursor !== null) asked.set("cursor", cursor);
    const page: SearchPage = await client.get<SearchPage>(`/messages?${asked}`);
    yield page;
    left -= page.data.length;
    cursor = page.data.length === 0 ? null : page.nextCursor;
  } while (cursor !== null && left > 0);
}

/** The time zone in which the days of a query begin and end: this machine's. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
