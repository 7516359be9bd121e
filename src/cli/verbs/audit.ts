import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outTable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { type Call, numberOption, onArchive, textOption, type Verb } from "../verb.ts";
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

interface Verification {
  ok: boolean;
  entries: number;
  head: { seq: number; hash: string } | null;
  breaks: { seq: number; kind: string; words: string }[];
}

/** Checks the whole log. */
export const verifyAudit: Verb = (call) =>
  onArchive(call, async (client) => {
    const found = await client.get<Verification>(`/audit/verification${headQuery(call)}`);
    const { terminal } = call;
    if (terminal.isJson) await outJson(terminal, { ...found });
    else {
      for (const { words } of found.breaks) terminal.warn(words);
      const head = found.head === null ? "" : `; head ${found.head.seq}:${found.head.hash}`;
      const verdict = found.ok ? "whole" : "not as it was written";
      await terminal.out(`audit log ${verdict}: ${found.entries} entries${head}\n`);
    }
    return found.ok ? exitCodes.done : exitCodes.integrity;
  });

function headQuery(call: Call): string {
  const text = textOption(call, "head");
  if (text === undefined) return "";
  const [, seq, hash] = /^([1-9][0-9]{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw usageFailure(
      `--head is ${text}; it must be a number and a hash as audit verify prints them, such as 812:4f1c…`,
    );
  return `?${new URLSearchParams({ seq, hash })}`;
}
