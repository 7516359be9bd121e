import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { connectorsQuery, peersQuery } from "../../api/queries.ts";
import { allowSource, type Connector, type MailReach } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { When } from "../../parts/when.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";

/** From so many days before its end a certificate is warned of. */
const certificateWarningDays = 21;

/** Who delivered to a connector, who was turned away and may be allowed, and what the other side must let through. */
export function Peers({ connector, isOpen }: { connector: Connector; isOpen: boolean }) {
  const words = text.senders;
  const user = useUser();
  const queryClient = useQueryClient();
  const peers = useQuery(peersQuery(connector.id));
  const allow = useMutation({
    mutationFn: (range: string) => allowSource({ id: connector.id, body: { range } }),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: peersQuery(connector.id).queryKey }),
      ]),
  });
  const mayAllow = may(user, "connectors:write");
  return (
    <section className="stack" aria-labelledby="peers">
      <h2 id="peers">{words.peers}</h2>
      {isOpen && (
        <Notice tone="warn" title={words.open}>
          {words.openHint}
        </Notice>
      )}
      {peers.isLoading && <Loading />}
      {peers.isError && <ProblemBox error={peers.error} onRetry={() => void peers.refetch()} />}
      {allow.isError && <ProblemBox error={allow.error} />}
      {peers.data && (
        <>
          <Reach reach={peers.data.reach} />
          <PeerTable
            title={words.turnedAway}
            lines={peers.data.turnedAway}
            whyOf={({ lacking }) => words.lacking[lacking]}
            actionOf={({ lacking, address }) =>
              mayAllow &&
              lacking === "source" && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={words.allowOf(address)}
                  loading={allow.isPending && allow.variables === address}
                  onClick={() => allow.mutate(address)}
                >
                  {words.allow}
                </Button>
              )
            }
          />
          <PeerTable title={words.delivered} lines={peers.data.delivered} />
          <PeerTable
            title={words.refused}
            lines={peers.data.refused}
            whyOf={({ reply, reason }) => `${reply.slice(0, 3)}: ${reason}`}
          />
          {peers.data.forgotten > 0 && <p className="soft">{words.forgotten(peers.data.forgotten)}</p>}
        </>
      )}
    </section>
  );
}

function Reach({ reach: { name, doorways, certificate } }: { reach: MailReach }) {
  const words = text.senders;
  return (
    <div>
      <p>{words.allowTo}</p>
      <ul>
        {doorways.map(({ addresses, port, tls }) => (
          <li key={port}>
            <code>{words.door([...(name === null ? [] : [name]), ...addresses].join(", "), port)}</code>{" "}
            {words.doorTls[tls]}
          </li>
        ))}
      </ul>
      {certificate !== null &&
        (certificate.daysLeft <= certificateWarningDays ? (
          <Notice tone="warn" title={words.certificateEnds(certificate.daysLeft)}>
            {certificate.subject}
          </Notice>
        ) : (
          <p className="soft">
            {words.certificateEnds(certificate.daysLeft)}: <When at={certificate.validUntil} />
          </p>
        ))}
    </div>
  );
}

interface Line {
  address: string;
  helo: string | null;
  tls: string | null;
  times: number;
  lastAt: string;
}

function PeerTable<L extends Line>(props: {
  title: string;
  lines: readonly L[];
  whyOf?: (line: L) => string;
  actionOf?: (line: L) => ReactNode;
}) {
  const { title, lines, whyOf, actionOf } = props;
  const words = text.senders;
  return (
    <div className="stack">
      <h3>{title}</h3>
      {lines.length === 0 ? (
        <p className="soft">{words.nobody}</p>
      ) : (
        <Scrolls name={title}>
          <table className="data">
            <thead>
              <tr>
                <th scope="col">{words.columns.address}</th>
                <th scope="col">{words.columns.name}</th>
                <th scope="col">{words.columns.tls}</th>
                <th scope="col">{words.columns.times}</th>
                <th scope="col">{words.columns.last}</th>
                {whyOf && <th scope="col">{words.columns.why}</th>}
                {actionOf && <th scope="col">{words.columns.action}</th>}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={`${line.address} ${whyOf?.(line) ?? ""} ${line.lastAt}`}>
                  <td>
                    <code>{line.address}</code>
                  </td>
                  <td dir="auto">{line.helo ?? text.common.unknown}</td>
                  <td>{line.tls ?? words.clear}</td>
                  <td>{countText(line.times)}</td>
                  <td>
                    <When at={line.lastAt} />
                  </td>
                  {whyOf && <td>{whyOf(line)}</td>}
                  {actionOf && <td>{actionOf(line)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </div>
  );
}
