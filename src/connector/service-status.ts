import type { ConnectorEntry } from "#catalogue/index.ts";
import type { ServiceStatus } from "./connectors.ts";

/** What the status is judged by. */
export interface StatusFacts {
  connector: Pick<ConnectorEntry, "enabled" | "journalEmailAddress">;
  /** Everything ever received, in whatever state. */
  received: number;
  /** Those in quarantine that nobody decided about. */
  quarantined: number;
}

/** The status of a connector that mail is pushed to, in the words of the console and in plain ones. */
export function serviceStatus({ connector, received, quarantined }: StatusFacts): {
  status: ServiceStatus;
  reason: string;
} {
  if (!connector.enabled) {
    return {
      status: "disabled",
      reason: "Switched off. Senders are asked to try again later, so they keep their mail.",
    };
  }
  if (received === 0) {
    return {
      status: "awaiting_initial_run",
      reason: `Nothing has been delivered to ${connector.journalEmailAddress} yet.`,
    };
  }
  if (quarantined > 0) {
    const what = quarantined === 1 ? "1 item is" : `${quarantined} items are`;
    return { status: "running_quarantine", reason: `Mail is taken. ${what} in quarantine: kept, but not read.` };
  }
  return { status: "running", reason: "Mail is taken and archived." };
}
