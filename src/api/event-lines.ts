import type { Clock } from "#core/index.ts";

/** Shortest time in milliseconds between two turns: more often nobody can read, and each costs several queries. */
export const eventIntervalMs = 500;
/** Silence in milliseconds after which a comment is sent, so that proxies and browsers know the stream lives. */
export const heartbeatMs = 15_000;

/** What a stream of events is made from. */
export interface EventSources {
  clock: Clock;
  /** Ends the stream. */
  signal: AbortSignal;
  /** Resolves when something may have changed, or `signal` aborts. */
  archiveChanged(signal: AbortSignal): Promise<void>;
  /** Calls `listener` on each change until the returned function is called. */
  onConnectorsChanged(listener: () => void): () => void;
  /** Asked before each turn; the stream ends with `false`. */
  isStillAllowed(): Promise<boolean>;
  /** What is true now, by name of event. */
  snapshot(): Promise<Record<string, object>>;
}

/**
 * Server-sent events: first a snapshot, then a new one whenever something changed, each event with an increasing id, and
 * a comment after each quiet {@link heartbeatMs}. A change while a snapshot is being taken is not missed.
 *
 * @see WHATWG HTML, server-sent events
 */
export async function* eventLines(sources: EventSources): AsyncGenerator<string> {
  const { clock, signal } = sources;
  let id = 0;
  while (!signal.aborted) {
    const change = watch(sources);
    try {
      if (!(await sources.isStillAllowed())) return;
      for (const [name, data] of Object.entries(await sources.snapshot())) {
        id += 1;
        yield `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
      }
      await clock.sleep(eventIntervalMs, signal);
      while (!(await change.within(heartbeatMs))) {
        if (signal.aborted || !(await sources.isStillAllowed())) return;
        yield ": heartbeat\n\n";
      }
    } finally {
      change.stop();
    }
  }
}

/** Waits for the next change from now on. */
function watch({ clock, signal, archiveChanged, onConnectorsChanged }: EventSources) {
  const watching = new AbortController();
  const stop = () => watching.abort();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  let hasChanged = false;
  let wake = () => {};
  const noted = () => {
    hasChanged = true;
    wake();
  };
  const forget = onConnectorsChanged(noted);
  archiveChanged(watching.signal).then(noted, noted);
  return {
    /** True once there was a change or the stream is over; false when `ms` passed without. */
    async within(ms: number): Promise<boolean> {
      const timing = new AbortController();
      wake = () => timing.abort();
      if (!hasChanged) await clock.sleep(ms, timing.signal);
      timing.abort();
      return hasChanged;
    },
    stop() {
      forget();
      signal.removeEventListener("abort", stop);
      stop();
    },
  };
}
