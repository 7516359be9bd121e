import type { Writable } from "node:stream";
import { Failure } from "#core/index.ts";

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** Print results as JSON. */
  readonly isJson: boolean;
  readonly isVerbose: boolean;
  /** Whether results are read by a person; else they go to a program, as TSV. */
  readonly isTty: boolean;
  /** Whether progress may redraw its line; null when there is to be none. */
  readonly progress: "redraw" | "lines" | null;
  /** Columns of the terminal. */
  readonly columns: number;
  /** Writes a piece of the result; resolves when the reader can take more. Throws `OUTPUT-CLOSED` when it went away. */
  out(piece: string | Uint8Array): Promise<void>;
  /** Says something on standard error, unless `--quiet`. */
  note(text: string): void;
  /** Says something on standard error that must not be missed. */
  warn(text: string): void;
  /** Writes to standard error as it is: for progress lines. */
  raw(text: string): void;
}

/** Standard output and error of a process, or their likes in a test. */
export interface Streams {
  stdout: Writable & { isTTY?: boolean; columns?: number };
  stderr: Writable & { isTTY?: boolean };
}

/** A terminal over `streams`, with the options that every command has. */
export function createTerminal(
  { stdout, stderr }: Streams,
  options: { json?: unknown; quiet?: unknown; verbose?: unknown },
): Terminal {
  const isQuiet = options.quiet === true;
  const warn = (text: string) => void stderr.write(text + "\n");
  return {
    isJson: options.json === true,
    isVerbose: options.verbose === true,
    isTty: stdout.isTTY === true,
    progress: isQuiet ? null : stderr.isTTY === true ? "redraw" : "lines",
    columns: stdout.columns ?? 120,
    out: (piece) => written(stdout, piece),
    note: isQuiet ? () => undefined : warn,
    warn,
    raw: (text) => void stderr.write(text),
  };
}

/** Prints one document of JSON on one line. */
export function outJson(terminal: Terminal, value: unknown): Promise<void> {
  return terminal.out(JSON.stringify(value) + "\n");
}

function written(stream: Writable, piece: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(piece, (error) => {
      if (error) reject(new Failure("OUTPUT-CLOSED", "never", "nobody reads the output any more", { cause: error }));
      else resolve();
    });
  });
}
