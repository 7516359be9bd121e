import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { connectorsQuery } from "../../api/queries.ts";
import type { Connector } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { pages } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { useLive } from "../../shell/live-provider.tsx";
import { text } from "../../text/index.ts";
import { clockText } from "../../time.ts";
import { ConnectorTable } from "./connector-table.tsx";
import { journalingCrumbs } from "./crumbs.ts";
import { matches } from "./table.ts";

const route = getRouteApi("/signed-in/services/journaling");
const none: Connector[] = [];

/** Administration | Services | Journaling: every connector and how it stands, live. Sort and filter are in the address. */
export function JournalingPage() {
  const { sort, filter } = route.useSearch();
  const navigate = route.useNavigate();
  const user = useUser();
  const connectors = useQuery(connectorsQuery);
  const all = connectors.data?.data ?? none;
  const shown = useMemo(
    () => (filter === undefined ? all : all.filter((connector) => matches(connector, filter))),
    [all, filter],
  );
  const setFilter = (value: string) =>
    void navigate({ search: { ...(sort && { sort }), ...(value !== "" && { filter: value }) }, replace: true });
  const setSort = (value: string | undefined) =>
    void navigate({ search: { ...(value && { sort: value }), ...(filter && { filter }) }, replace: true });

  return (
    <Page
      title={text.journaling.page}
      crumbs={journalingCrumbs()}
      actions={
        may(user, "connectors:write") && (
          <Button renderRoot={(props) => <Link {...pages.newConnector()} {...props} />}>
            {text.journaling.newConnector}
          </Button>
        )
      }
    >
      {connectors.isLoading && <Loading />}
      {connectors.isError && <ProblemBox error={connectors.error} onRetry={() => void connectors.refetch()} />}
      {connectors.isSuccess && all.length === 0 && (
        <Notice tone="fresh" title={text.journaling.empty}>
          <p>{text.journaling.emptyDetail}</p>
        </Notice>
      )}
      {all.length > 0 && (
        <>
          <div className="line">
            <TextInput
              type="search"
              aria-label={text.journaling.filter}
              placeholder={text.journaling.filterPlaceholder}
              value={filter ?? ""}
              onChange={(event) => setFilter(event.currentTarget.value)}
            />
            <LiveSince asOf={connectors.data?.asOf} />
          </div>
          <ConnectorTable connectors={shown} total={all.length} sort={sort} onSort={setSort} />
          {shown.length === 0 && (
            <p className="line" role="status">
              {text.journaling.noneMatch}
              <Button variant="default" onClick={() => setFilter("")}>
                {text.journaling.clearFilter}
              </Button>
            </p>
          )}
        </>
      )}
    </Page>
  );
}

function LiveSince({ asOf }: { asOf: string | undefined }) {
  const { state } = useLive();
  if (state.kind === "live") return <span className="soft">{text.live.since(clockText(state.heardAt))}</span>;
  if (state.kind === "connecting") return <span className="soft">{text.live.connecting}</span>;
  return asOf === undefined ? null : <span className="soft">{text.common.asOf(clockText(asOf))}</span>;
}
