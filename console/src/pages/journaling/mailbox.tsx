import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { runsQuery } from "../../api/queries.ts";
import { resultOf } from "../../api/work.ts";
import { type Connector, type MailboxRun, runMailbox } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { Loading } from "../../parts/loading.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { When } from "../../parts/when.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";

/** A mailbox: how much waits in it, when it is looked into next, what runs did, and a run now. */
export function Mailbox({ connector }: { connector: Connector }) {
  const words = text.mailbox;
  const user = useUser();
  const queryClient = useQueryClient();
  const standing = connector.mailbox;
  const run = useMutation({
    mutationFn: () => resultOf(runMailbox({ id: connector.id })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: runsQuery(connector.id, null).queryKey.slice(0, 2) }),
  });
  return (
    <section className="stack" aria-labelledby="mailbox">
      <h2 id="mailbox">{words.heading}</h2>
      <dl className="facts">
        <dt>{words.queue}</dt>
        <dd>
          <Queue connector={connector} />
        </dd>
        <dt>{words.next}</dt>
        <dd>
          {standing?.nextRunAt ? <When at={standing.nextRunAt} /> : words.nextNone}{" "}
          {words.activity[standing?.activity ?? "idle"]}
        </dd>
      </dl>
      {standing !== null && standing.failures > 0 && <p className="soft">{words.failing(standing.failures)}</p>}
      {may(user, "connectors:write") && connector.enabled && (
        <div className="line">
          <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
            {words.runNow}
          </Button>
          <span role="status">
            {run.isSuccess &&
              (run.data.problem === null
                ? words.ran(run.data.archived, run.data.left === null ? words.unknown : countText(run.data.left))
                : run.data.problem.words)}
          </span>
        </div>
      )}
      {run.isError && <ProblemBox error={run.error} />}
      <Runs connector={connector} />
    </section>
  );
}

function Queue({ connector }: { connector: Connector }) {
  const words = text.mailbox;
  if (connector.pop3MailboxQueue === null || connector.pop3MailboxQueueAt === null) return words.queueUnknown;
  return (
    <>
      {countText(connector.pop3MailboxQueue)}{" "}
      <span className="soft">
        {words.queueAt} <When at={connector.pop3MailboxQueueAt} />
        {connector.mailbox?.isQueueOld === true && `, ${words.queueOld}`}
      </span>
    </>
  );
}

function Runs({ connector }: { connector: Connector }) {
  const words = text.mailbox;
  // The mark moves with every run, so the list is fetched anew when there is something new in it.
  const runs = useQuery(runsQuery(connector.id, connector.mailbox?.nextRunAt ?? null));
  return (
    <>
      <h3>{words.history}</h3>
      {runs.isLoading && <Loading />}
      {runs.isError && <ProblemBox error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.data?.data.length === 0 && <p className="soft">{words.noHistory}</p>}
      {runs.data && runs.data.data.length > 0 && (
        <Scrolls name={words.history}>
          <table>
            <thead>
              <tr>
                {Object.entries(words.columns).map(([column, header]) => (
                  <th key={column} scope="col">
                    {header}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {runs.data.data.map((run) => (
                <Run key={run.begunAt} run={run} />
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </>
  );
}

function Run({ run }: { run: MailboxRun }) {
  const words = text.mailbox;
  return (
    <tr>
      <td>
        <When at={run.endedAt} />
      </td>
      <td className="number">{countText(run.seen)}</td>
      <td className="number">{countText(run.archived)}</td>
      <td className="number">{countText(run.duplicate)}</td>
      <td className="number">{countText(run.quarantined + run.held)}</td>
      <td className="number">{countText(run.failed)}</td>
      <td className="number">{run.left === null ? words.unknown : countText(run.left)}</td>
      <td>
        {run.runs > 1 ? words.idleRuns(run.runs) : (run.problem?.words ?? words.fine)}
        {run.failures.map(({ uidl, reason }) => (
          <div key={`${uidl} ${reason}`} className="soft">
            <code>{uidl}</code> {reason}
          </div>
        ))}
        {run.transcript.length > 0 && (
          <details>
            <summary className="soft">{words.transcript}</summary>
            <p className="soft">{words.transcriptNote}</p>
            <pre className="transcript">
              {run.transcript.map(({ atMs, from, text: said }) => `${atMs} ms  ${from}  ${said}\n`).join("")}
            </pre>
          </details>
        )}
      </td>
    </tr>
  );
}
