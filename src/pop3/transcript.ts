import type { Clock } from "#core/index.ts";
import { visible } from "./status-line.ts";

/** One line of a transcript: from us (`C`), from the server (`S`), or about the connection (`*`). */
export interface TranscriptLine {
  /** Milliseconds since the session began. */
  atMs: number;
  from: "C" | "S" | "*";
  text: string;
}

/** What stands in place of a secret. */
const redacted = "****";

/** The newest lines of a session, without secrets and without an octet of any message. */
export class Transcript {
  readonly #clock: Pick<Clock, "elapsedMs">;
  readonly #linesMax: number;
  readonly #begunMs: number;
  readonly #secrets: string[] = [];
  readonly #lines: TranscriptLine[] = [];
  #first = 0;
  #dropped = 0;

  constructor(clock: Pick<Clock, "elapsedMs">, linesMax: number) {
    this.#clock = clock;
    this.#linesMax = linesMax;
    this.#begunMs = clock.elapsedMs();
  }

  /** Words that never appear from here on, also when a server repeats them; short ones hide nothing and are left. */
  hide(secret: string): void {
    if (secret.length >= 4 && !this.#secrets.includes(secret)) this.#secrets.push(secret);
  }

  /** The text with every hidden word replaced. */
  clean(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, redacted), text);
  }

  add(from: TranscriptLine["from"], text: string): void {
    const atMs = Math.round(this.#clock.elapsedMs() - this.#begunMs);
    const line = { atMs, from, text: visible(this.clean(text)) };
    if (this.#lines.length < this.#linesMax) {
      this.#lines.push(line);
      return;
    }
    this.#lines[this.#first] = line;
    this.#first = (this.#first + 1) % this.#linesMax;
    this.#dropped += 1;
  }

  /** The lines kept, oldest first; the first says how many are gone. */
  lines(): TranscriptLine[] {
    const lines = [...this.#lines.slice(this.#first), ...this.#lines.slice(0, this.#first)];
    if (this.#dropped === 0) return lines;
    return [{ atMs: 0, from: "*", text: `${this.#dropped} lines before this are left out` }, ...lines];
  }
}
