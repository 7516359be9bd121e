import { exitCodes } from "../exit-codes.ts";
import { localZone, type SearchPage, type Summary, searchPages } from "../search-pages.ts";
import { outTable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { numberOption, onArchive, textOption, type Verb } from "../verb.ts";

/** Results shown unless `--limit` says otherwise, and the most that are held for one answer. */
const limitDefault = 50;
const limitMost = 100_000;

/** Prints the messages that match, newest first. */
export const search: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const limit = numberOption(call, "limit", { least: 1, most: limitMost }) ?? limitDefault;
    const items: Summary[] = [];
    let first: SearchPage | null = null;
    for await (const page of searchPages(client, call.args[0] ?? "", limit, textOption(call, "zone") ?? localZone())) {
      first ??= page;
      items.push(...page.data);
    }
    const { total = 0, readAs, coverage } = first ?? {};
    if (terminal.isJson) {
      await outJson(terminal, { total, items, readAs, coverage });
      return exitCodes.done;
    }
    await outTable(
      terminal,
      [
        { title: "Id", cell: (one) => one.id },
        { title: "Date", cell: (one) => one.date },
        { title: "From", cell: (one) => one.from },
        { title: "Subject", cell: (one) => one.subject },
        { title: "State", cell: (one) => one.state },
      ],
      items,
    );
    terminal.note(`${items.length} of ${total}, read as ${readAs}`);
    if (coverage !== undefined && coverage.searchable < coverage.archived) {
      terminal.note(`${coverage.archived - coverage.searchable} messages are archived and not yet searchable`);
    }
    return exitCodes.done;
  });
