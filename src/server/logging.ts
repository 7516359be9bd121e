import { type Logger, pino } from "pino";
import type { Log } from "#core/index.ts";

/** Lines of JSON on standard error: one event, one line. */
export function createLogger(level: "info" | "warn" | "silent"): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
}

const troubles = /failed|failure|died|damaged|unreadable|stuck|missing|suspect|expir|refused/;

/** The product's log over a logger: troubles as warnings, the rest as information. */
export function logTo(logger: Logger): Log {
  return (event, fields) =>
    troubles.test(event) ? logger.warn({ event, ...fields }) : logger.info({ event, ...fields });
}
