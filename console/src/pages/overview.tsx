import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectorsQuery, statusQuery } from "../api/queries.ts";
import type { ArchiveStatus } from "../api.generated.ts";
import { countText } from "../numbers.ts";
import { Loading } from "../parts/loading.tsx";
import { Notice } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { Scrolls } from "../parts/scrolls.tsx";
import { pages } from "../paths.ts";
import { may, useUser } from "../session.ts";
import { text } from "../text/index.ts";
import { clockText } from "../time.ts";
import { Equation } from "./overview/equation.tsx";
import { verdict } from "./overview/verdict.ts";
import "./overview/overview.css";

/** One sentence on how things stand, and where every received message is. */
export function OverviewPage() {
  const user = useUser();
  const status = useQuery({ ...statusQuery, enabled: may(user, "status:read") });
  const connectors = useQuery({ ...connectorsQuery, enabled: may(user, "connectors:read") });
  return (
    <Page title={text.overview.page}>
      {!may(user, "status:read") && <Notice tone="idle" title={text.overview.nothingForRole(text.roles[user.role])} />}
      {status.isLoading && <Loading />}
      {status.isError && <ProblemBox error={status.error} onRetry={() => void status.refetch()} />}
      {status.isSuccess && connectors.isSuccess && (
        <Verdict {...verdict(status.data, connectors.data.data)} isEmpty={connectors.data.data.length === 0} />
      )}
      {status.isSuccess && (
        <>
          <Equation status={status.data} />
          <section className="stack" aria-labelledby="coverage">
            <h2 id="coverage">{text.overview.coverage}</h2>
            <p>{text.overview.coverageText(status.data.searchable, status.data.messages)}</p>
          </section>
          {status.data.connectors.length > 0 && <PerConnector status={status.data} />}
          <p className="soft small">{text.common.asOf(clockText(status.data.asOf))}</p>
        </>
      )}
    </Page>
  );
}

function Verdict(props: ReturnType<typeof verdict> & { isEmpty: boolean }) {
  const user = useUser();
  return (
    <Notice tone={props.tone} title={props.sentence}>
      {props.detail && <p>{props.detail}</p>}
      {props.isEmpty && may(user, "connectors:write") && (
        <p>
          <Link {...pages.newConnector()}>{text.overview.newConnector}</Link>
        </p>
      )}
    </Notice>
  );
}

function PerConnector({ status }: { status: ArchiveStatus }) {
  const columns = ["archived", "duplicate", "quarantined", "held", "processing"] as const;
  return (
    <section className="stack" aria-labelledby="per-connector">
      <h2 id="per-connector">{text.overview.perConnector}</h2>
      <Scrolls name={text.overview.perConnector}>
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{text.journaling.columns.description}</th>
              <th scope="col" className="number">
                {text.overview.total}
              </th>
              {columns.map((column) => (
                <th key={column} scope="col" className="number">
                  {text.states[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {status.connectors.map((connector) => (
              <tr key={connector.id}>
                <th scope="row">
                  <Link {...pages.connector(connector.id)}>{connector.description}</Link>
                </th>
                <td className="number">{countText(connector.received)}</td>
                {columns.map((column) => (
                  <td key={column} className="number">
                    {countText(connector[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </section>
  );
}
