import { exitCodes } from "../exit-codes.ts";
import { outTable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { type Reach, reachLines } from "./senders.ts";

interface Tally {
  received: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
}

interface Status extends Tally {
  unaccounted: number;
  messages: number;
  searchable: number;
  damage: { id: string | null; pack: string; place: string }[];
  damagedPlaces: number;
  scrubbedAt: string | null;
  opening: { done: number; total: number } | null;
  mail: Reach;
  connectors: (Tally & { id: string; description: string })[];
}

/** Prints what was received and what became of it, in all and for each connector. */
export const status: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const said = await client.get<Status>("/status");
    if (terminal.isJson) {
      await outJson(terminal, said);
      return exitCodes.done;
    }
    await outTable(
      terminal,
      [
        { title: "Connector", cell: (one) => one.description },
        { title: "Received", cell: (one) => one.received },
        { title: "Archived", cell: (one) => one.archived },
        { title: "Duplicate", cell: (one) => one.duplicate },
        { title: "Quarantined", cell: (one) => one.quarantined },
        { title: "Held", cell: (one) => one.held },
        { title: "Processing", cell: (one) => one.processing },
      ],
      [...said.connectors, { ...said, description: "all" }],
    );
    terminal.note(`${said.messages} messages, ${said.searchable} searchable, unaccounted: ${said.unaccounted}`);
    terminal.note(`every byte was last read through by ${said.scrubbedAt ?? "no scrub so far"}`);
    if (said.opening !== null) {
      terminal.note(`opening mail that waited for a key: ${said.opening.done} of ${said.opening.total} messages`);
    }
    for (const line of reachLines(said.mail)) terminal.note(line);
    for (const { id, pack, place } of said.damage) terminal.warn(`DAMAGED: ${id ?? "messages"} in ${pack}: ${place}`);
    const unlisted = said.damagedPlaces - said.damage.length;
    if (unlisted > 0) terminal.warn(`DAMAGED: ${unlisted} more places; muniment verify names them all`);
    return exitCodes.done;
  });
