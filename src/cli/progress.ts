import type { Terminal } from "./terminal.ts";

/** How far a long work is. `total` is null while it is unknown. */
export interface Step {
  done: number;
  total: number | null;
  unit: string;
}

/** A progress display on standard error. `end` leaves the last state on the screen. */
export interface ProgressDisplay {
  show(step: Step): void;
  end(): void;
}

/** Milliseconds between redraws on a terminal, and between lines elsewhere. */
const redrawMs = 100;
const lineMs = 10_000;
const barCells = 20;

/**
 * Shows progress: a bar with rate and time left on a terminal, a line per 10 s elsewhere, nothing when quiet.
 *
 * @param now monotonic milliseconds
 */
export function createProgress(terminal: Terminal, label: string, now = () => performance.now()): ProgressDisplay {
  const begunAt = now();
  let shownAt = terminal.progress === "redraw" ? Number.NEGATIVE_INFINITY : begunAt;
  let last: Step | null = null;
  const draw = (step: Step) => {
    const text = stepText(label, step, now() - begunAt);
    terminal.raw(terminal.progress === "redraw" ? `\r\u001b[K${text}` : text + "\n");
    shownAt = now();
  };
  return {
    show(step) {
      last = step;
      if (terminal.progress === null) return;
      if (now() - shownAt >= (terminal.progress === "redraw" ? redrawMs : lineMs)) draw(step);
    },
    end() {
      if (terminal.progress !== "redraw" || last === null) return;
      draw(last);
      terminal.raw("\n");
    },
  };
}

/** One line of progress: how many of how many, how fast, how much longer. */
export function stepText(label: string, { done, total, unit }: Step, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const speed = rate > 0 ? `  ${count(Math.round(rate))}/s` : "";
  if (total === null) return `${label}  ${count(done)} ${unit}${speed}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const bar = "█".repeat(Math.floor(share * barCells)).padEnd(barCells, "░");
  const left = rate > 0 && done < total ? `  ${duration((total - done) / rate)} left` : "";
  return `${label}  ${bar}  ${count(done)}/${count(total)} ${unit}${speed}${left}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  return `${String(minutes).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}
