import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import {
  getConnectorPeers,
  getImportReport,
  getMessage,
  getSession,
  getStatus,
  listAudit,
  listConnectors,
  listDecryptionKeys,
  listImports,
  listMailboxRuns,
  listProviderRanges,
  listQuarantine,
  listRecipes,
  searchMessages,
  type User,
} from "../api.generated.ts";
import type { AuditFilter } from "../paths.ts";
import { dayAfter, dayStart, zone } from "../time.ts";
import { problemOf } from "./problem.ts";

/** Results on one page of the list. */
const resultsPerPage = 50;

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<User | null> => {
    try {
      return (await getSession(signal)).user;
    } catch (error) {
      if (problemOf(error).status === 401) return null;
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Connectors and counts are fetched once; from then on the live stream writes them into the cache. */
export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => listConnectors(signal),
  staleTime: 60_000,
});

/** Fetched once; the live stream goes on. */
export const importsQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal }) => listImports(signal),
  staleTime: 60_000,
});

/** What became of one import. It is fetched anew whenever `mark`, its state, changes. */
export const importReportQuery = (id: string, mark: string) =>
  queryOptions({
    queryKey: ["imports", id, mark],
    queryFn: ({ signal }) => getImportReport({ id }, signal),
    staleTime: 60_000,
  });

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ signal }) => getStatus(signal),
  staleTime: 60_000,
});

export const searchQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ["messages", q],
    queryFn: ({ pageParam, signal }) =>
      searchMessages({ q, zone, limit: resultsPerPage, ...(pageParam !== null && { cursor: pageParam }) }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 30_000,
  });

/** How many messages a search finds. */
export const countQuery = (q: string) =>
  queryOptions({
    queryKey: ["count", q],
    queryFn: async ({ signal }) => (await searchMessages({ q, zone, limit: 1 }, signal)).total,
    staleTime: 30_000,
  });

/** Always fetched anew: opening a message is what verifies it. */
export const messageQuery = (id: string) =>
  queryOptions({ queryKey: ["message", id], queryFn: ({ signal }) => getMessage({ id }, signal), staleTime: 0 });

/** How often the peers of a connector that is being looked at are fetched anew, in milliseconds. */
const peersFreshMs = 10_000;

/** Who came to a connector. They are no part of the live stream: a flood of strangers is nothing to wake consoles for. */
export const peersQuery = (id: string) =>
  queryOptions({
    queryKey: ["peers", id],
    queryFn: ({ signal }) => getConnectorPeers({ id }, signal),
    refetchInterval: peersFreshMs,
    staleTime: peersFreshMs,
  });

/** What runs over a mailbox did. `mark` is anything that changes with each run. */
export const runsQuery = (id: string, mark: string | null) =>
  queryOptions({
    queryKey: ["runs", id, mark],
    queryFn: ({ signal }) => listMailboxRuns({ id }, signal),
    placeholderData: (before) => before,
    staleTime: 60_000,
  });

/** What the other side is to do; it follows the connector's settings, so its version is part of the key. */
export const recipesQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: ["recipes", id, version],
    queryFn: ({ signal }) => listRecipes({ id }, signal),
    staleTime: 60_000,
  });

/** Providers whose addresses can be permitted; they come with the program and do not change. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => listProviderRanges(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Items on one page of the quarantine, and entries on one of the audit log. */
const itemsPerPage = 100;

/** What waits for a decision, for one reason or any; the counts by reason come with each page. */
export const quarantineQuery = (reason: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["quarantine", reason ?? null],
    queryFn: ({ pageParam, signal }) =>
      listQuarantine(
        {
          limit: itemsPerPage,
          ...(reason !== undefined && { reason }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  });

/** Entries of the audit log, newest first. */
export const auditQuery = ({ since, until, ...filter }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", since, until, filter],
    queryFn: ({ pageParam, signal }) =>
      listAudit(
        {
          limit: itemsPerPage,
          ...filter,
          ...(since !== undefined && { since: dayStart(since) }),
          ...(until !== undefined && { until: dayAfter(until) }),
          ...(pageParam !== null && { cursor: Number(pageParam) }),
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  });

/** Keys for encrypted mail and what waits for one. What they did changes with the mail, so it is fetched anew on each visit. */
export const decryptionKeysQuery = queryOptions({
  queryKey: ["decryption-keys"],
  queryFn: ({ signal }) => listDecryptionKeys(signal),
  staleTime: 5_000,
});
