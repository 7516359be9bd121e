import { Button } from "@mantine/core";
import { useTable } from "@tanstack/react-table";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Connector } from "../../api.generated.ts";
import { Scrolls } from "../../parts/scrolls.tsx";
import { text } from "../../text/index.ts";
import { ConnectorRow } from "./connector-row.tsx";
import { SpokenChanges } from "./spoken-changes.tsx";
import { steadyOrder } from "./steady-order.ts";
import { columns, features, nextSort, numberColumns, sortingFrom } from "./table.ts";
import "./journaling.css";

/** The guide's table. Numbers change in place; rows stay put while pointer or focus is in it. */
export function ConnectorTable(props: {
  connectors: Connector[];
  total: number;
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}) {
  const { connectors, total, sort, onSort } = props;
  const sorting = useMemo(() => sortingFrom(sort), [sort]);
  const table = useTable({
    features,
    columns,
    data: connectors,
    getRowId: (connector) => connector.id,
    state: { sorting },
    onSortingChange: () => {},
  });
  const wanted = table.getRowModel().rows.map((row) => row.id);
  const { order, moves, apply, watch } = useSteadyRows(wanted, sort ?? "");
  const byId = new Map(connectors.map((connector) => [connector.id, connector]));
  const active = sorting[0];

  return (
    <>
      {moves > 0 && (
        <div role="status">
          <Button variant="light" onClick={apply}>
            {text.journaling.movesWaiting(moves)}
          </Button>
        </div>
      )}
      <div {...watch}>
        <Scrolls name={text.journaling.tableName}>
          <table className="data connectors">
            <caption>{text.journaling.caption(connectors.length, total)}</caption>
            <thead>
              {table.getHeaderGroups().map((group) => (
                <tr key={group.id}>
                  {group.headers.map((header) => {
                    const isSorted = sort !== undefined && active?.id === header.id;
                    const direction = active?.desc ? "descending" : "ascending";
                    return (
                      <th
                        key={header.id}
                        scope="col"
                        className={numberColumns.includes(header.id) ? `number col-${header.id}` : `col-${header.id}`}
                        aria-sort={isSorted ? direction : undefined}
                      >
                        <button
                          type="button"
                          className="plain-button"
                          onClick={() => onSort(nextSort(sort, header.id))}
                        >
                          <table.FlexRender header={header} />
                          <span className="sort-sign" aria-hidden="true">
                            {isSorted ? (active?.desc ? "▼" : "▲") : ""}
                          </span>
                        </button>
                      </th>
                    );
                  })}
                </tr>
              ))}
            </thead>
            <tbody>
              {order.map((id) => {
                const connector = byId.get(id);
                return connector && <ConnectorRow key={id} connector={connector} />;
              })}
            </tbody>
          </table>
        </Scrolls>
      </div>
      <SpokenChanges connectors={connectors} />
    </>
  );
}

/** The order on screen: the wanted one, or the last one while someone is in the table. A new sort always applies. */
function useSteadyRows(wanted: string[], sort: string) {
  const [isBusy, setBusy] = useState(false);
  const shown = useRef<{ order: string[]; sort: string }>({ order: [], sort });
  const [, redraw] = useState(0);
  const isSteady = isBusy && shown.current.sort === sort;
  const steady = isSteady ? steadyOrder(wanted, shown.current.order) : { order: wanted, moves: 0 };
  useEffect(() => {
    shown.current = { order: steady.order, sort };
  });
  return {
    ...steady,
    apply: () => {
      shown.current = { order: wanted, sort };
      redraw((times) => times + 1);
    },
    watch: {
      onPointerEnter: () => setBusy(true),
      onPointerLeave: (event: React.PointerEvent) => setBusy(event.currentTarget.contains(document.activeElement)),
      onFocus: () => setBusy(true),
      onBlur: (event: React.FocusEvent) => setBusy(event.currentTarget.contains(event.relatedTarget)),
    },
  };
}
