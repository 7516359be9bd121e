import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { countQuery } from "../../api/queries.ts";
import type { SearchResult } from "../../api.generated.ts";
import { Notice } from "../../parts/notice.tsx";
import { Shape } from "../../parts/shape.tsx";
import { pages } from "../../paths.ts";
import { useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { dateTerms, relaxed } from "./terms.ts";

/** Answers what one asks when nothing was found: is the index complete, may I see all, is it in quarantine? */
export function ZeroResults({ q, coverage }: { q: string; coverage: SearchResult["coverage"] }) {
  const user = useUser();
  const words = text.search;
  const dates = dateTerms(q);
  const { searchable, archived } = coverage;
  const isComplete = searchable >= archived;
  return (
    <Notice tone="idle" title={words.zero}>
      <p>{words.zeroLead}</p>
      <ul className="answers">
        <li>
          <Shape tone={isComplete ? "good" : "warn"} />
          <span>{isComplete ? words.zeroCoverageFull(archived) : words.zeroCoverageBehind(searchable, archived)}</span>
        </li>
        <li>
          <Shape tone="good" />
          <span>{words.zeroScope(user.tenant.name, text.roles[user.role])}</span>
        </li>
        <Aside
          q={`is:quarantined ${dates}`.trim()}
          some={(count) => words.zeroQuarantined(count, dates !== "")}
          none={words.zeroQuarantinedNone(dates !== "")}
        />
        <Aside q={`is:held ${dates}`.trim()} some={words.zeroHeld} />
      </ul>
      <Relaxed q={q} />
    </Notice>
  );
}

/** How many messages stand aside, with the search that lists them; silent until known. */
function Aside(props: { q: string; some: (count: number) => string; none?: string }) {
  const { data: count } = useQuery(countQuery(props.q));
  if (count === undefined || (count === 0 && props.none === undefined)) return null;
  return (
    <li>
      <Shape tone={count === 0 ? "good" : "warn"} />
      <span>
        {count === 0 ? props.none : props.some(count)}{" "}
        {count > 0 && <Link {...pages.search(props.q)}>{text.search.showQuarantined}</Link>}
      </span>
    </li>
  );
}

/** The same search with one part left out, where that finds something. */
function Relaxed({ q }: { q: string }) {
  const searches = relaxed(q);
  const counts = useQueries({ queries: searches.map((search) => countQuery(search.q)) });
  const useful = searches.map((search, place) => ({ ...search, total: counts[place]?.data ?? 0 }));
  if (!useful.some(({ total }) => total > 0)) return null;
  return (
    <>
      <p>{text.search.relax}</p>
      <ul>
        {useful
          .filter(({ total }) => total > 0)
          .map((search) => (
            <li key={search.q}>
              <Link {...pages.search(search.q)}>{text.search.relaxed(search.part, search.total)}</Link>
            </li>
          ))}
      </ul>
    </>
  );
}
