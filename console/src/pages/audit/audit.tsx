import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { auditQuery } from "../../api/queries.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import type { AuditFilter } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { EntryTable } from "./entry-table.tsx";
import { FilterForm } from "./filter-form.tsx";
import { VerifyLog } from "./verify-log.tsx";

const route = getRouteApi("/signed-in/audit");

/** The record of who did what. The filter is the address. */
export function AuditPage() {
  const filter = route.useSearch();
  const user = useUser();
  const words = text.audit;
  if (!may(user, "audit:read")) {
    return (
      <Page title={words.page}>
        <Notice tone="idle" title={words.notAllowed}>
          <p>{words.notAllowedDetail(text.roles[user.role])}</p>
        </Notice>
      </Page>
    );
  }
  return (
    <Page title={words.page}>
      <p className="soft">{words.lead}</p>
      <VerifyLog />
      <FilterForm key={JSON.stringify(filter)} filter={filter} />
      <Entries filter={filter} />
    </Page>
  );
}

function Entries({ filter }: { filter: AuditFilter }) {
  const words = text.audit;
  const found = useInfiniteQuery(auditQuery(filter));
  if (found.isLoading) return <Loading />;
  const entries = found.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <>
      {found.isError && <ProblemBox error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && entries.length === 0 && <p>{words.none}</p>}
      {entries.length > 0 && <EntryTable entries={entries} />}
      <div className="line">
        {found.hasNextPage && (
          <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words.more}
          </Button>
        )}
        <span className="soft" role="status">
          {entries.length > 0 && words.shown(entries.length)}
        </span>
      </div>
    </>
  );
}
