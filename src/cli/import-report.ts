import type { Outcome, SourceOutcome } from "#import/index.ts";
import { outTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Sources that a person is shown. */
const rowsMax = 100;

/** Prints the sum in one line and, where there are several sources, each of them in a row. */
export async function outReport(terminal: Terminal, total: Outcome, sources: readonly SourceOutcome[]): Promise<void> {
  const { found, archived, duplicate, quarantined, unreadable } = total;
  await terminal.out(
    `found ${found}: archived ${archived}, duplicate ${duplicate}, quarantined ${quarantined}, unreadable ${unreadable}\n`,
  );
  if (sources.length < 2) return;
  await terminal.out("\n");
  await outTable(
    terminal,
    [
      { title: "SOURCE", cell: ({ source }) => source },
      { title: "FOUND", cell: (row) => row.found },
      { title: "ARCHIVED", cell: (row) => row.archived },
      { title: "DUPLICATE", cell: (row) => row.duplicate },
      { title: "QUARANTINED", cell: (row) => row.quarantined },
      { title: "UNREADABLE", cell: (row) => row.unreadable },
      { title: "READ AS", cell: (row) => row.variant },
    ],
    sources.slice(0, rowsMax),
  );
  if (sources.length > rowsMax) terminal.note(`${sources.length - rowsMax} more sources; --json has all of them`);
}
