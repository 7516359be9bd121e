import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { quarantineQuery } from "../../api/queries.ts";
import type { NewDecision } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { pages } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { type Progress, useDeciding } from "./deciding.ts";
import { type Asked, DecisionDialog } from "./decision-dialog.tsx";
import { ItemTable } from "./item-table.tsx";
import { ReasonTable } from "./reason-table.tsx";

const route = getRouteApi("/signed-in/services/quarantine");

/** What waits for a decision: by reason, item by item, and the deciding. */
export function QuarantinePage() {
  const user = useUser();
  const words = text.quarantine;
  const { reason } = route.useSearch();
  return (
    <Page title={words.page}>
      {may(user, "quarantine:read") ? (
        <Waiting key={reason ?? ""} reason={reason} />
      ) : (
        <Notice tone="idle" title={words.notAllowed}>
          <p>{words.notAllowedDetail(text.roles[user.role])}</p>
        </Notice>
      )}
    </Page>
  );
}

function Waiting({ reason }: { reason: string | undefined }) {
  const words = text.quarantine;
  const user = useUser();
  const mayDecide = may(user, "quarantine:decide");
  const found = useInfiniteQuery(quarantineQuery(reason));
  const { work, progress } = useDeciding();
  const [asked, setAsked] = useState<Asked | null>(null);
  const decide = (body: NewDecision) => work.mutate(body);
  const items = found.data?.pages.flatMap(({ data }) => data) ?? [];
  const reasons = found.data?.pages.at(-1)?.reasons ?? [];
  const total = reasons
    .filter((one) => reason === undefined || one.reason === reason)
    .reduce((sum, { receipts }) => sum + receipts, 0);
  const title = reason === undefined ? words.items : words.itemsOf(reason);
  return (
    <>
      <p className="soft">
        {words.lead} {!mayDecide && words.readOnly(text.roles[user.role])}
      </p>
      <Outcome isBusy={work.isPending} progress={progress} done={work.data && words.done(work.data)} />
      {work.isError && <ProblemBox error={work.error} />}
      {found.isLoading && <Loading />}
      {found.isError && <ProblemBox error={found.error} onRetry={() => void found.refetch()} />}
      {found.isSuccess && reasons.length === 0 && (
        <Notice tone="good" title={words.empty}>
          <p>{words.emptyDetail}</p>
        </Notice>
      )}
      {reasons.length > 0 && (
        <>
          <ReasonTable
            reasons={reasons}
            chosen={reason}
            mayDecide={mayDecide}
            isBusy={work.isPending}
            onAsk={setAsked}
          />
          <section className="stack" aria-labelledby="items">
            <h2 id="items">{title}</h2>
            {reason !== undefined && <Link {...pages.quarantine()}>{words.all}</Link>}
            {items.length > 0 && (
              <ItemTable
                title={title}
                items={items}
                isMixed={reason === undefined}
                isBusy={work.isPending}
                onAsk={setAsked}
                onDecide={decide}
              />
            )}
            <div className="line">
              {found.hasNextPage && (
                <Button variant="default" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                  {words.more}
                </Button>
              )}
              <span className="soft">{words.shown(items.length, total)}</span>
            </div>
          </section>
        </>
      )}
      <DecisionDialog asked={asked} onClose={() => setAsked(null)} onDecide={decide} />
    </>
  );
}

/** How far a decision is, and what came of it. */
function Outcome(props: { isBusy: boolean; progress: Progress | null; done: string | undefined }) {
  const { isBusy, progress, done } = props;
  const words = text.quarantine;
  const said = progress === null ? words.began : words.working(progress.done, progress.total);
  return (
    <div role="status" className="line">
      {isBusy && (
        <>
          {progress !== null && progress.total > 1 && (
            <progress value={progress.done} max={progress.total} aria-label={said} />
          )}
          {said}
        </>
      )}
      {!isBusy && done}
    </div>
  );
}
