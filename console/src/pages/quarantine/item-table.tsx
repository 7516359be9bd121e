import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectorsQuery } from "../../api/queries.ts";
import type { NewDecision, UndecidedItem } from "../../api.generated.ts";
import { bytesText } from "../../numbers.ts";
import { Scrolls } from "../../parts/scrolls.tsx";
import { When } from "../../parts/when.tsx";
import { pages } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import type { Asked } from "./decision-dialog.tsx";

const verbs = ["retry", "accept", "discard"] as const;

/** The items themselves, without their content, and what can be done with each. */
export function ItemTable(props: {
  title: string;
  items: readonly UndecidedItem[];
  /** Whether they wait for different reasons. */
  isMixed: boolean;
  isBusy: boolean;
  onAsk: (asked: Asked) => void;
  onDecide: (body: NewDecision) => void;
}) {
  const { title, items, isMixed, isBusy, onAsk, onDecide } = props;
  const words = text.quarantine;
  const user = useUser();
  const connectors = useQuery(connectorsQuery);
  const names = new Map(connectors.data?.data.map(({ id, description }) => [id, description]));
  const decide = (what: NewDecision["what"], id: string) =>
    what === "discard" ? onAsk({ what, ids: [id], items: 1 }) : onDecide({ what, ids: [id] });
  return (
    <Scrolls name={title}>
      <table className="data">
        <thead>
          <tr>
            <th scope="col">{words.columns.received}</th>
            <th scope="col">{words.columns.connector}</th>
            <th scope="col">{words.columns.from}</th>
            <th scope="col" className="number">
              {words.columns.size}
            </th>
            {isMixed && <th scope="col">{words.columns.reason}</th>}
            <th scope="col">{words.columns.actions}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <td>
                <When at={item.receivedAt} />
              </td>
              <td dir="auto">{names.get(item.connector) ?? words.importConnector}</td>
              <td>
                <code>{item.from}</code>
              </td>
              <td className="number nowrap">{bytesText(item.bytes)}</td>
              {isMixed && (
                <td>
                  <code>{item.reason}</code>
                </td>
              )}
              <td>
                <div className="line unwrapped">
                  {may(user, "messages:read") && (
                    <>
                      <Link {...pages.message(item.message)} aria-label={words.openOf(item.id)}>
                        {words.open}
                      </Link>
                      <a href={`/api/v1/messages/${item.message}/raw`} download aria-label={words.downloadOf(item.id)}>
                        {words.download}
                      </a>
                    </>
                  )}
                  {may(user, "quarantine:decide") &&
                    verbs.map((what) => (
                      <Button
                        key={what}
                        size="compact-xs"
                        variant="default"
                        disabled={isBusy}
                        aria-label={words.verbOf(words.verbs[what], item.id)}
                        onClick={() => decide(what, item.id)}
                      >
                        {words.verbs[what]}
                      </Button>
                    ))}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
