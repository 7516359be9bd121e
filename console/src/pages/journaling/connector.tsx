import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { connectorsQuery } from "../../api/queries.ts";
import type { Connector } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Badge } from "../../parts/shape.tsx";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";
import { journalingCrumbs } from "./crumbs.ts";
import { EditConnector } from "./edit-connector.tsx";
import { ExtractionTestPanel } from "./extraction-test.tsx";
import { Mailbox } from "./mailbox.tsx";
import { Peers } from "./peers.tsx";
import { Recipes } from "./recipes.tsx";
import { SenderLogin } from "./sender-login.tsx";
import { statusTone, statusWords } from "./status.ts";
import "./connector.css";

const route = getRouteApi("/signed-in/services/journaling/$connectorId");

/** One connector: how it stands, where to send mail, and its settings. */
export function ConnectorPage() {
  const { connectorId } = route.useParams();
  const { created } = route.useSearch();
  const connectors = useQuery(connectorsQuery);
  const connector = connectors.data?.data.find(({ id }) => id === connectorId);
  const name = connector?.description ?? connectorId;
  return (
    <Page title={name} crumbs={journalingCrumbs(name)}>
      {connectors.isLoading && <Loading />}
      {connectors.isError && <ProblemBox error={connectors.error} onRetry={() => void connectors.refetch()} />}
      {connectors.isSuccess && !connector && <Notice tone="warn" title={text.connector.notFound} />}
      {connector && (
        <div className="connector-columns">
          <div className="stack">
            {connector.transport === "smtp" && <SendTo connector={connector} isNew={created !== undefined} />}
            <Now connector={connector} />
            {connector.smtp !== null && <SenderLogin connector={connector} login={connector.smtp} />}
          </div>
          <EditConnector key={connector.id} connector={connector} />
        </div>
      )}
      {connector?.transport === "pop3" && <Mailbox connector={connector} />}
      {connector && <ExtractionTestPanel connector={connector} />}
      {connector?.smtp && (
        <div className="stack">
          <Peers connector={connector} isOpen={connector.smtp.isOpen} />
          <Recipes connector={connector} />
        </div>
      )}
    </Page>
  );
}

function SendTo({ connector, isNew }: { connector: Connector; isNew: boolean }) {
  const words = text.connector;
  return (
    <section className="send-to stack" aria-labelledby="send-to">
      {isNew && <p role="status">{words.created}</p>}
      <h2 id="send-to">{words.sendTo}</h2>
      <p>{words.sendToLead}</p>
      <dl className="facts">
        <dt>{words.address}</dt>
        <dd className="line">
          <code>{connector.journalEmailAddress}</code>
          <CopyButton value={connector.journalEmailAddress} name={text.common.copyOf(words.address)} />
        </dd>
        <dt>{words.host}</dt>
        <dd className="line">
          <code>{connector.hostname}</code>
          <CopyButton value={connector.hostname} name={text.common.copyOf(words.host)} />
        </dd>
      </dl>
      {connector.status === "awaiting_initial_run" && <p className="soft">{words.waiting}</p>}
    </section>
  );
}

function Now({ connector }: { connector: Connector }) {
  const headers = text.journaling.columns;
  const counts = ["received", "archived", "duplicate", "quarantined", "held"] as const;
  return (
    <section className="stack" aria-labelledby="now">
      <h2 id="now">{text.connector.now}</h2>
      <dl className="facts">
        <dt>{headers.status}</dt>
        <dd>
          <Badge tone={statusTone(connector)}>{statusWords(connector)}</Badge>
          {connector.statusReason !== "" && connector.status !== "error" && (
            <div className="soft">{connector.statusReason}</div>
          )}
        </dd>
        <dt>{text.connector.fidelity}</dt>
        <dd>
          {connector.fidelity.grade !== null && <strong>{connector.fidelity.grade}</strong>}
          <div className="soft">{connector.fidelity.sentence}</div>
        </dd>
        {connector.sourceClocks.length > 0 && (
          <>
            <dt>{text.connector.sourceClocks}</dt>
            <dd>
              {connector.sourceClocks.map((clock) => (
                <div key={clock.source}>
                  <Badge tone="warn">{text.connector.sourceClock(clock.source, clock.offsetMinutes)}</Badge>{" "}
                  <When at={clock.at} />
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>{text.connector.ageRule}</dt>
        <dd>
          {connector.ageRule.state === "suspended" && <Badge tone="warn">{text.connector.ageSuspended}</Badge>}
          <div className="soft">{connector.ageRule.sentence}</div>
        </dd>
        <dt>{headers.lastSuccessAt}</dt>
        <dd>{connector.lastSuccessAt === null ? text.common.never : <When at={connector.lastSuccessAt} />}</dd>
        <dt>{headers.processingQueue}</dt>
        <dd>{countText(connector.processingQueue)}</dd>
        {counts.map((count) => (
          <div key={count} className="contents">
            <dt>{count === "received" ? text.overview.total : text.states[count]}</dt>
            <dd>{countText(connector[count])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
