import type { ArchiveStatus, Connector } from "../../api.generated.ts";
import type { Tone } from "../../parts/shape.tsx";
import { text } from "../../text/index.ts";

/** How things stand in one sentence, the worst thing first. */
export function verdict(
  status: Pick<ArchiveStatus, "received" | "quarantined" | "unaccounted">,
  connectors: readonly Pick<Connector, "description" | "status">[],
): { tone: Tone; sentence: string; detail?: string } {
  const words = text.overview;
  if (status.unaccounted !== 0) {
    return { tone: "bad", sentence: words.unaccounted(status.unaccounted), detail: words.unaccountedTodo };
  }
  if (status.received === 0 && connectors.length === 0) {
    return { tone: "fresh", sentence: words.nothingYet, detail: words.nothingYetDetail };
  }
  const failing = connectors.filter((connector) => connector.status === "error");
  if (failing[0]) {
    return { tone: "bad", sentence: words.errors(failing.length, connectors.length, failing[0].description) };
  }
  const running = runningText(connectors);
  if (status.quarantined > 0) return { tone: "warn", sentence: words.quarantined(status.quarantined, running + ".") };
  if (connectors.length === 0) return { tone: "idle", sentence: words.noConnectors };
  return { tone: "good", sentence: words.good(running) };
}

function runningText(connectors: readonly Pick<Connector, "status">[]): string {
  const running = connectors.filter(({ status }) => status.startsWith("running")).length;
  if (running === connectors.length && running > 0) return text.overview.allRunning(running);
  return text.overview.someWaiting(running, connectors.length);
}
