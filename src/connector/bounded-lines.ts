import type { PeerFacts } from "./peer-lines.ts";

/** Lines kept of each kind for each connector: more peers than any source has servers, and a page can still show them. */
export const peerLinesMax = 100;

/**
 * Lines by key, at most {@link peerLinesMax}. For a new one the line with the fewest times goes, of several the oldest: a
 * source that comes again and again is not crowded out by many that come once.
 */
export class BoundedLines<Line extends PeerFacts> {
  readonly #lines = new Map<string, Line>();
  readonly #keyOf: (line: Line) => string;
  #forgotten = 0;

  /** @param keyOf what makes two lines one */
  constructor(keyOf: (line: Line) => string) {
    this.#keyOf = keyOf;
  }

  /** Adds a line, or its times to the one that is there; what else it says replaces what was said. */
  add(line: Line): void {
    const key = this.#keyOf(line);
    const before = this.#lines.get(key);
    if (before === undefined && this.#lines.size >= peerLinesMax) this.#forgetOne();
    const merged = before === undefined ? line : { ...line, times: before.times + line.times, firstAt: before.firstAt };
    this.#lines.set(key, merged);
  }

  /** Takes away the lines for which `isDone` holds. */
  remove(isDone: (line: Line) => boolean): void {
    for (const [key, line] of this.#lines) if (isDone(line)) this.#lines.delete(key);
  }

  /** Newest first. */
  list(): Line[] {
    return [...this.#lines.values()].sort((a, b) => b.lastAt - a.lastAt);
  }

  get forgotten(): number {
    return this.#forgotten;
  }

  #forgetOne(): void {
    let least: [string, Line] | undefined;
    for (const [key, line] of this.#lines) {
      const isLess =
        least === undefined ||
        line.times < least[1].times ||
        (line.times === least[1].times && line.lastAt < least[1].lastAt);
      if (isLess) least = [key, line];
    }
    if (least !== undefined) this.#lines.delete(least[0]);
    this.#forgotten += 1;
  }
}
