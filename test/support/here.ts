import { Writable } from "node:stream";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { loadServer } from "../../src/cli/server-door.ts";
import type { Ran } from "./server.ts";

function collecting(pieces: Buffer[]): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
}

/**
 * Runs one command in this process, as `bin/muniment` would in one of its own: for tests that need many. With a `load` that
 * fails, no command opens the archive itself when its server is gone.
 */
export async function munimentHere(args: readonly string[], load = loadServer): Promise<Ran> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const never = new AbortController().signal;
  const code = await runCommandLine(args, {
    ...{ stdout: collecting(out), stderr: collecting(err) },
    ...{ environment: {}, signal: never, hurry: never, load },
  });
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

/** The last line of what a command printed, as JSON. */
export function answerOf<Answer>({ stdout }: Ran): Answer {
  return JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "") as Answer;
}

/** Runs one command with --json in this process and gives what it answered; throws when it failed. */
export async function answerHere<Answer>(args: readonly string[], load = loadServer): Promise<Answer> {
  const ran = await munimentHere([...args, "--json"], load);
  if (ran.code !== 0) throw new Error(`muniment ${args.join(" ")} ended with ${ran.code}: ${ran.stdout} ${ran.stderr}`);
  return answerOf<Answer>(ran);
}
