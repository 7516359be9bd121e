import { exitCodes } from "../exit-codes.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

interface MailboxRun {
  seen: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  failed: number;
  left: number | null;
  failures: { uidl: string | null; attempts: number; reason: string }[];
  problem: { code: string; words: string } | null;
}

/** Empties a connector's mailbox now, waits until its mail is archived, and prints what became of it. */
export const run: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const path = `/connectors/${encodeURIComponent(call.args[0] ?? "")}/runs`;
    const result = await workResult<MailboxRun>(client, path, terminal, "drain");
    const { seen, archived, duplicate, quarantined, held, failed, left, failures, problem } = result;
    if (terminal.isJson) {
      await outJson(terminal, { seen, archived, duplicate, quarantined, held, failed, left, failures, problem });
    } else {
      const counts = { seen, archived, duplicate, quarantined, held, failed, left: left ?? "unknown" };
      const words = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
      await terminal.out(`${words.join(", ")}\n`);
    }
    for (const { uidl, attempts, reason } of failures)
      terminal.warn(`${printable(uidl ?? "a message without id")}: ${printable(reason)} (${attempts} tries)`);
    if (problem !== null) {
      terminal.warn(`${problem.code}: ${printable(problem.words)}`);
      return exitCodes.failed;
    }
    return failed > 0 ? exitCodes.partly : exitCodes.done;
  });
