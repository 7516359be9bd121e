import { streamEventsUrl } from "../api.generated.ts";
import { eventReader, type StreamEvent } from "./event-stream.ts";

/** How the live stream stands. `heardAt`: milliseconds since 1970 of the last byte, null before the first. */
export type LiveState =
  | { kind: "connecting" }
  | { kind: "live"; heardAt: number }
  | { kind: "lost"; heardAt: number | null };

/** A stream that is broken for this long is called lost. */
const lostAfterMs = 15_000;
/** The server says something at least every 15 s; a little more, for the way, is silence. */
const silentAfterMs = 18_000;
/** An attempt to connect that takes longer is given up for a new one. */
const connectWithinMs = 10_000;
/** Waits between attempts to connect: short at first, since most breaks are a restart. */
const retryDelaysMs = [500, 1000, 2000, 5000];

/**
 * Keeps one event stream open and connects it again whenever it breaks, until it is closed.
 *
 * Each new connection begins with a snapshot, so nothing is missed by a break.
 */
export class LiveStream {
  #state: LiveState = { kind: "connecting" };
  #heardAt: number | null = null;
  readonly #startedAt = Date.now();
  #connected = false;
  #attempt: AbortController | undefined;
  #attemptAt = 0;
  #retry: number | undefined;
  #failures = 0;
  #closed = false;
  readonly #watch: number;
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #onState: (state: LiveState) => void;
  readonly #onRefused: (status: number) => void;

  /**
   * @param onRefused the server answers, and does not want us (401, 403): the stream is closed
   */
  constructor(on: {
    event: (event: StreamEvent) => void;
    state: (state: LiveState) => void;
    refused: (status: number) => void;
  }) {
    this.#onEvent = on.event;
    this.#onState = on.state;
    this.#onRefused = on.refused;
    this.#watch = window.setInterval(() => this.#look(), 1000);
    window.addEventListener("online", this.reconnect);
    void this.#connect();
  }

  /** Drops what there is and connects at once. */
  reconnect = (): void => {
    if (this.#closed) return;
    this.#attempt?.abort();
    window.clearTimeout(this.#retry);
    this.#failures = 0;
    void this.#connect();
  };

  close(): void {
    this.#closed = true;
    window.clearInterval(this.#watch);
    window.clearTimeout(this.#retry);
    window.removeEventListener("online", this.reconnect);
    this.#attempt?.abort();
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#attemptAt = Date.now();
    try {
      const headers = { accept: "text/event-stream" };
      const response = await fetch(streamEventsUrl(), { credentials: "same-origin", headers, signal: attempt.signal });
      if (response.status === 401 || response.status === 403) {
        this.close();
        this.#onRefused(response.status);
        return;
      }
      if (response.ok && response.body) await this.#read(response.body);
    } catch {
      // A break is the expected end of a stream; the state tells the viewer, and the retry below mends it.
    }
    if (this.#attempt !== attempt || this.#closed) return;
    this.#connected = false;
    const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length - 1)];
    this.#failures += 1;
    this.#retry = window.setTimeout(() => void this.#connect(), delayMs);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const read = eventReader();
    const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#closed) return;
      this.#connected = true;
      this.#failures = 0;
      this.#heardAt = Date.now();
      for (const event of read(value)) this.#onEvent(event);
      this.#tell({ kind: "live", heardAt: this.#heardAt });
    }
  }

  #look(): void {
    const now = Date.now();
    const isSilent = now - (this.#heardAt ?? this.#startedAt) > (this.#connected ? silentAfterMs : lostAfterMs);
    if (isSilent && this.#state.kind !== "lost") this.#tell({ kind: "lost", heardAt: this.#heardAt });
    const isStuck = this.#connected ? isSilent : now - this.#attemptAt > connectWithinMs;
    if (isStuck) {
      this.#connected = false;
      this.reconnect();
    }
  }

  #tell(state: LiveState): void {
    this.#state = state;
    if (!this.#closed) this.#onState(state);
  }
}
