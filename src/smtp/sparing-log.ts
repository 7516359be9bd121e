import type { Clock } from "#core/index.ts";
import type { SmtpLog } from "./connection.ts";

/** An event that strangers can cause at will is logged at most so often, in milliseconds. */
export const sparingLogMs = 60_000;

/** Logs an event once a minute at most; the next line says with `unlogged` how many were left out before it. */
export function sparingLog(
  event: string,
  { log, clock }: { log: SmtpLog; clock: Pick<Clock, "elapsedMs"> },
): (fields: Readonly<Record<string, unknown>>) => void {
  let nextMs = -Infinity;
  let unlogged = 0;
  return (fields) => {
    const nowMs = clock.elapsedMs();
    if (nowMs < nextMs) {
      unlogged += 1;
      return;
    }
    log(event, { ...fields, unlogged });
    nextMs = nowMs + sparingLogMs;
    unlogged = 0;
  };
}
