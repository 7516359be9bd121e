import type { QueryProblem } from "#query/index.ts";
import { summaryJson } from "../message-json.ts";
import { InvalidRequest } from "../problem.ts";
import { identityOf, type Routes } from "../routing.ts";
import { pageLimitDefault, SearchQuery, SearchResult } from "../schemas/messages.ts";
import { timeText } from "../times.ts";

/** Searching the archive. */
export const searchRoutes: Routes = (api, { archive, audit }) => {
  api.get(
    "/messages",
    {
      config: { permission: "messages:search" },
      schema: {
        operationId: "searchMessages",
        summary: "Messages that match, newest first",
        tags: ["messages"],
        querystring: SearchQuery,
        response: { 200: SearchResult },
      },
    },
    async (request) => {
      const { q = "", limit = pageLimitDefault, cursor = null, zone = "UTC" } = request.query;
      if (!isZone(zone)) {
        const detail = "not a time zone such as Europe/Berlin";
        throw new InvalidRequest("REQUEST-INVALID", `zone is ${detail}`, [{ pointer: "/zone", detail }]);
      }
      // Once for a search, not for each of its pages.
      if (cursor === null) await audit.note(identityOf(request), "message.search", [], q);
      const page = await archive.search(identityOf(request).tenant, q, { limit, after: cursor, zone });
      if (page.kind === "problem") throw queryFailure(page.problem);
      const { searchable, archived, asOf } = page.coverage;
      return {
        total: page.total,
        data: page.items.map(summaryJson),
        nextCursor: page.next,
        asOf: timeText(asOf),
        readAs: page.readAs,
        coverage: { searchable, archived, asOf: timeText(asOf) },
      };
    },
  );
};

function queryFailure(problem: QueryProblem): InvalidRequest {
  const { code, column, message, suggestion } = problem;
  return new InvalidRequest(`QUERY-${code.toUpperCase().replaceAll("_", "-")}`, message, [
    { column, detail: message, ...(suggestion === null ? {} : { suggestion }) },
  ]);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
