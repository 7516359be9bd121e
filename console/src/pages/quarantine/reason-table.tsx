import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { UndecidedReason } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { Scrolls } from "../../parts/scrolls.tsx";
import { Badge } from "../../parts/shape.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";
import type { Asked } from "./decision-dialog.tsx";

const verbs = ["retry", "accept", "discard"] as const;

/** What waits, counted by reason, with what each reason means and what can be done with all of it. */
export function ReasonTable(props: {
  reasons: readonly UndecidedReason[];
  chosen: string | undefined;
  mayDecide: boolean;
  isBusy: boolean;
  onAsk: (asked: Asked) => void;
}) {
  const { reasons, chosen, mayDecide, isBusy, onAsk } = props;
  const words = text.quarantine;
  return (
    <section className="stack" aria-labelledby="reasons">
      <h2 id="reasons">{words.reasons}</h2>
      <Scrolls name={words.reasons}>
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{words.reasonColumns.reason}</th>
              <th scope="col">{words.reasonColumns.meaning}</th>
              <th scope="col">{words.reasonColumns.state}</th>
              <th scope="col" className="number">
                {words.reasonColumns.items}
              </th>
              {mayDecide && <th scope="col">{words.reasonColumns.actions}</th>}
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ reason, state, meaning, receipts }) => (
              <tr key={`${state} ${reason}`}>
                <th scope="row">
                  <Link
                    {...pages.quarantine(reason === chosen ? undefined : reason)}
                    aria-current={reason === chosen ? "true" : undefined}
                  >
                    <code>{reason}</code>
                  </Link>
                </th>
                <td>{meaning}</td>
                <td>
                  <Badge tone={state === "held" ? "idle" : "warn"}>{text.states[state]}</Badge>
                </td>
                <td className="number">{countText(receipts)}</td>
                {mayDecide && (
                  <td>
                    <div className="line unwrapped">
                      {verbs.map((what) => (
                        <Button
                          key={what}
                          size="compact-xs"
                          variant="default"
                          disabled={isBusy}
                          aria-label={words.allVerbOf(words.allVerbs[what], reason)}
                          onClick={() => onAsk({ what, reason, items: receipts })}
                        >
                          {words.allVerbs[what]}
                        </Button>
                      ))}
                    </div>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </section>
  );
}
