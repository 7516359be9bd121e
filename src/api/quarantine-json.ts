import {
  type DecisionOutcome,
  type QuarantineItem as Item,
  quarantineActions,
  quarantineReason,
} from "#archive/index.ts";
import type { QuarantineCount } from "#catalogue/index.ts";
import { type ConnectorId, importConnectorId } from "#core/index.ts";
import type { QuarantineItem, QuarantineList, QuarantineOutcomes } from "./schemas/quarantine.ts";
import { timeText } from "./times.ts";

/** An item that waits for a decision, as the API shows it: its facts, nothing of its content. */
export function quarantineItemJson(
  { receipt, original }: Item,
  names: ReadonlyMap<ConnectorId, string>,
): QuarantineItem {
  const { connector, state, decision, hop } = receipt;
  const reason = receipt.reason ?? "";
  const isOpen = state === "quarantined" || state === "held";
  const fallback = connector === importConnectorId ? "Import" : connector;
  return {
    receipt: receipt.receipt,
    message: receipt.message,
    connector: { id: connector, description: names.get(connector) ?? fallback },
    ...{ state, reason, ...quarantineReason(reason) },
    actions: isOpen ? [...quarantineActions] : [],
    receivedAt: timeText(receipt.receivedAt),
    bytes: original.bytes,
    sha256: original.sha256,
    peer: hop.peer,
    mailFrom: hop.mailFrom,
    decision:
      decision === undefined
        ? null
        : { action: decision.action, at: timeText(decision.at), by: decision.by, note: decision.note },
  };
}

/** Counts by reason, the connectors together. */
export function reasonsJson(counts: readonly QuarantineCount[]): QuarantineList["reasons"] {
  const byReason = Map.groupBy(counts, ({ state, reason }) => `${state} ${reason}`);
  return [...byReason.values()].map((group) => {
    const [{ state, reason }] = group as [QuarantineCount];
    const oldestAt = group.reduce((oldest, one) => (one.oldestAt < oldest.oldestAt ? one : oldest)).oldestAt;
    const count = group.reduce((sum, one) => sum + one.count, 0);
    return { reason, state, ...quarantineReason(reason), count, oldestAt: timeText(oldestAt) };
  });
}

/** What became of each receipt. */
export function outcomeJson(outcome: DecisionOutcome): QuarantineOutcomes["data"][number] {
  const { receipt, kind } = outcome;
  const isKnown = kind === "done" || kind === "unchanged";
  return {
    receipt,
    outcome: kind,
    state: isKnown ? outcome.state : null,
    reason: isKnown ? outcome.reason : null,
    code: kind === "failed" ? outcome.code : null,
  };
}
