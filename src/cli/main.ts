import { exitCodes } from "./exit-codes.ts";
import { runCommandLine } from "./run-command-line.ts";
import { loadServer } from "./server-door.ts";

/**
 * The entry of `bin/muniment`. The first SIGINT or SIGTERM ends the command in order, the second hurries it, the third
 * ends the process on the spot.
 */
const ending = new AbortController();
const hurrying = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    if (hurrying.signal.aborted) process.exit(exitCodes.interrupted);
    if (ending.signal.aborted) hurrying.abort();
    else ending.abort();
  });
}
// A reader that goes away is reported by the write that fails; without a listener it would end the process before that.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  environment: process.env,
  signal: ending.signal,
  hurry: hurrying.signal,
  load: loadServer,
});
