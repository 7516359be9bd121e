import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { problemOf } from "../../api/problem.ts";
import { messageQuery } from "../../api/queries.ts";
import { getRawMessageUrl, getRawReportUrl, type MessageDetail } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { MessageBadges } from "../../parts/message-badges.tsx";
import { Notice } from "../../parts/notice.tsx";
import { type Crumb, Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";
import { BodyTab } from "./body-tab.tsx";
import { HeadersTab } from "./headers-tab.tsx";
import { IntegrityBadge } from "./integrity-badge.tsx";
import { ReceiptsTab } from "./receipts-tab.tsx";
import { RecipientsTab } from "./recipients-tab.tsx";
import "./message.css";

const route = getRouteApi("/signed-in/messages/$messageId");
const tabs = ["message", "recipients", "headers", "receipts"] as const;
type Tab = (typeof tabs)[number];

/** One message and its evidence. Opening it reads and checks its bytes; the open tab is in the address. */
export function MessagePage() {
  const { messageId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const message = useQuery(messageQuery(messageId));
  const tab = tabs.find((known) => known === search.tab) ?? "message";
  const setTab = (next: string | null) => {
    const { tab: _, ...others } = search;
    const chosen = next === null || next === "message" ? {} : { tab: next };
    void navigate({ search: { ...others, ...chosen }, replace: true });
  };
  const crumbs: Crumb[] = [{ label: text.nav.search, link: pages.search(search.q) }, { label: messageId }];

  if (message.isSuccess) {
    const { data } = message;
    const subject = data.subject === "" ? text.search.noSubject : data.subject;
    return (
      <Page title={subject} crumbs={crumbs} actions={<Downloads message={data} />}>
        <div className="line">
          <IntegrityBadge isVerified={data.verified} at={message.dataUpdatedAt} />
          <MessageBadges message={data} receipts={data.receipts.length} />
        </div>
        {!data.verified && (
          <Notice tone="bad" title={text.message.failed} alert>
            <p>{text.message.failedDetail}</p>
            <p>{text.message.failedTodo}</p>
          </Notice>
        )}
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List aria-label={text.message.tabsLabel}>
            {tabs.map((name) => (
              <Tabs.Tab key={name} value={name}>
                {text.message.tabs[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tabs.map((name) => (
            <Tabs.Panel key={name} value={name} className="message-panel">
              <TabBody tab={name} message={data} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </Page>
    );
  }
  return (
    <Page title={messageId} crumbs={crumbs}>
      {message.isLoading && <Loading />}
      {message.isError &&
        (problemOf(message.error).status === 404 ? (
          <Notice tone="warn" title={text.message.notFound}>
            <p>{text.common.notFoundDetail}</p>
          </Notice>
        ) : (
          <ProblemBox error={message.error} onRetry={() => void message.refetch()} />
        ))}
    </Page>
  );
}

function TabBody({ tab, message }: { tab: Tab; message: MessageDetail }) {
  switch (tab) {
    case "message":
      return <BodyTab message={message} />;
    case "recipients":
      return <RecipientsTab message={message} />;
    case "headers":
      return <HeadersTab message={message} />;
    case "receipts":
      return <ReceiptsTab message={message} />;
  }
}

function Downloads({ message }: { message: MessageDetail }) {
  const reported = message.receipts.findIndex(({ report }) => report !== null);
  return (
    <>
      <a href={getRawMessageUrl({ id: message.id })} download={`${message.id}.eml`}>
        {text.message.downloadOriginal}
      </a>
      {reported >= 0 && (
        <a href={getRawReportUrl({ id: message.id, receipt: reported })} download>
          {text.message.downloadReport}
        </a>
      )}
    </>
  );
}
