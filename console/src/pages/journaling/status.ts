import type { Connector } from "../../api.generated.ts";
import type { Tone } from "../../parts/shape.tsx";
import { text } from "../../text/index.ts";

/** The tone of each state, and its place when the worst comes first. */
const states: Record<Connector["status"], { tone: Tone; place: number }> = {
  error: { tone: "bad", place: 0 },
  unknown: { tone: "bad", place: 1 },
  running_delayed: { tone: "warn", place: 2 },
  running_quarantine: { tone: "warn", place: 3 },
  running_quiet: { tone: "warn", place: 4 },
  running_retrying: { tone: "good", place: 5 },
  awaiting_initial_run: { tone: "fresh", place: 6 },
  running: { tone: "good", place: 7 },
  disabled: { tone: "idle", place: 8 },
};

export function statusTone(connector: Pick<Connector, "status">): Tone {
  return states[connector.status].tone;
}

/** The state in the guide's words; an error says its reason. */
export function statusWords(connector: Pick<Connector, "status" | "statusReason">): string {
  const words = text.journaling.statuses[connector.status];
  return connector.status === "error" && connector.statusReason !== "" ? `${words} — ${connector.statusReason}` : words;
}

/** Compares for "worst first": by state, then by the age of what waits, then by name. */
export function worstFirst(one: Connector, other: Connector): number {
  return (
    states[one.status].place - states[other.status].place ||
    other.oldestAgeSeconds - one.oldestAgeSeconds ||
    one.description.localeCompare(other.description, text.locale)
  );
}
