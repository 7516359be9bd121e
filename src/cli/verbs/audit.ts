import { exitCodes } from "../exit-codes.ts";
import { outTable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { numberOption, onArchive, textOption, type Verb } from "../verb.ts";
import { timeOption } from "../verify-scope.ts";

interface Entry {
  seq: number;
  at: string;
  who: string;
  action: string;
  subjects: string[];
  note: string | null;
}
interface Page {
  data: Entry[];
  nextCursor: string | null;
}

/** Entries listed unless `--limit` says otherwise, the most that are held for one answer, and those of a page. */
const limitDefault = 50;
const limitMost = 100_000;
const pageMax = 200;

/** Lists who did what, newest first. */
export const listAudit: Verb = (call) =>
  onArchive(call, async (client) => {
    const limit = numberOption(call, "limit", { least: 1, most: limitMost }) ?? limitDefault;
    const since = timeOption(call, "since");
    const until = timeOption(call, "until");
    const items: Entry[] = [];
    let cursor: string | null = null;
    do {
      const asked = new URLSearchParams({ limit: String(Math.min(pageMax, limit - items.length)) });
      for (const name of ["who", "action", "subject"]) {
        const value = textOption(call, name);
        if (value !== undefined) asked.set(name, value);
      }
      if (since !== undefined) asked.set("since", since);
      if (until !== undefined) asked.set("until", until);
      if (cursor !== null) asked.set("cursor", cursor);
      const page: Page = await client.get<Page>(`/audit?${asked}`);
      items.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null && items.length < limit);
    if (call.terminal.isJson) await outJson(call.terminal, { items });
    else {
      await outTable(
        call.terminal,
        [
          { title: "Number", cell: (one) => one.seq },
          { title: "Time", cell: (one) => one.at },
          { title: "Who", cell: (one) => one.who },
          { title: "Action", cell: (one) => one.action },
          { title: "On", cell: (one) => one.subjects.join(" ") },
          { title: "Note", cell: (one) => one.note },
        ],
        items,
      );
    }
    return exitCodes.done;
  });
