import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { problemOf } from "../../api/problem.ts";
import { searchQuery } from "../../api/queries.ts";
import type { SearchResult } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { clockText } from "../../time.ts";
import { OperatorHelp } from "./operator-help.tsx";
import { QueryBar } from "./query-bar.tsx";
import { QueryProblem } from "./query-problem.tsx";
import { ResultList } from "./result-list.tsx";
import { ZeroResults } from "./zero-results.tsx";
import "./search.css";

const route = getRouteApi("/signed-in/search");

/** Archive search. The query is the address; how it was read and how much the index covers stand above the results. */
export function SearchPage() {
  const { q = "" } = route.useSearch();
  const user = useUser();
  if (!may(user, "messages:search")) {
    return (
      <Page title={text.search.page}>
        <Notice tone="idle" title={text.search.notAllowed}>
          <p>{text.search.notAllowedDetail(text.roles[user.role])}</p>
        </Notice>
      </Page>
    );
  }
  return (
    <Page title={text.search.page}>
      <QueryBar key={q} q={q} />
      <OperatorHelp />
      <Found q={q} />
    </Page>
  );
}

function Found({ q }: { q: string }) {
  const found = useInfiniteQuery(searchQuery(q));
  if (found.isLoading) return <Loading />;
  if (found.isError && !found.data) {
    const problem = problemOf(found.error);
    if (problem.code.startsWith("QUERY-")) return <QueryProblem q={q} problem={problem} />;
    return <ProblemBox error={found.error} onRetry={() => void found.refetch()} />;
  }
  const first = found.data?.pages[0];
  if (!found.data || !first) return null;
  const messages = found.data.pages.flatMap((page) => page.data);
  return (
    <>
      <Reading result={first} />
      {first.total === 0 ? (
        <ZeroResults q={q} coverage={first.coverage} />
      ) : (
        <>
          <ResultList messages={messages} q={q} total={first.total} />
          {found.isError && <ProblemBox error={found.error} onRetry={() => void found.fetchNextPage()} />}
          <div className="line">
            {found.hasNextPage && (
              <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {text.search.more}
              </Button>
            )}
            <span className="soft" role="status">
              {text.search.shown(messages.length, first.total)}
            </span>
          </div>
        </>
      )}
    </>
  );
}

function Reading({ result }: { result: SearchResult }) {
  const { searchable, archived, asOf } = result.coverage;
  const words = text.search;
  return (
    <div className="reading">
      <p className="anywhere">
        <span className="soft">{words.readAs}</span> {result.readAs}
      </p>
      <p className="soft" role="status">
        {words.total(result.total)} · {words.asOf(clockText(asOf))} · {words.coverage(searchable, archived)}
      </p>
      {searchable < archived && <Notice tone="warn" title={words.behind(archived - searchable)} />}
    </div>
  );
}
