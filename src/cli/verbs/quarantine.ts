import type { Client } from "../client.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outTable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { type Call, onArchive, textOption, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

/** An item as the API lists it. */
interface Item {
  id: string;
  message: string;
  connector: string;
  state: "quarantined" | "held";
  reason: string;
  meaning: string;
  receivedAt: string;
  bytes: number;
}

interface Page {
  data: Item[];
  reasons: { state: string; reason: string; meaning: string; receipts: number }[];
  nextCursor: string | null;
}

/** Lists what is quarantined or held and waits for a decision. */
export const listQuarantine: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const reason = textOption(call, "reason");
    const { items, reasons } = await everything(client, reason);
    if (terminal.isJson) {
      await outJson(terminal, { items, reasons });
      return exitCodes.done;
    }
    await outTable(
      terminal,
      [
        { title: "RECEIPT", cell: (row) => row.id },
        { title: "MESSAGE", cell: (row) => row.message },
        { title: "STATE", cell: (row) => row.state },
        { title: "REASON", cell: (row) => row.reason },
        { title: "RECEIVED", cell: (row) => row.receivedAt },
        { title: "BYTES", cell: (row) => row.bytes },
      ],
      items,
    );
    for (const one of reasons) terminal.note(`${one.receipts} ${one.state}: ${one.reason}. ${one.meaning}`);
    return exitCodes.done;
  });

async function everything(
  client: Client,
  reason: string | undefined,
): Promise<{ items: Item[]; reasons: Page["reasons"] }> {
  const items: Item[] = [];
  const asked = new URLSearchParams({ limit: "1000", ...(reason === undefined ? {} : { reason }) });
  for (;;) {
    const page = await client.get<Page>(`/quarantine?${asked}`);
    items.push(...page.data);
    if (page.nextCursor === null) return { items, reasons: page.reasons };
    asked.set("cursor", page.nextCursor);
  }
}

/** Reads items again, as their connector reads mail now. */
export const retryQuarantine: Verb = (call) => decide(call, "retry");
/** Archives items as the messages they are. */
export const acceptQuarantine: Verb = (call) => decide(call, "accept");
/** Takes items out of sight, with a reason that is put on record; their bytes stay. */
export const discardQuarantine: Verb = (call) => decide(call, "discard");

interface Result {
  decided: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
}

function decide(call: Call, what: "retry" | "accept" | "discard") {
  const { args: ids, terminal } = call;
  const reason = textOption(call, "reason");
  const why = textOption(call, "why");
  if (ids.length === 0 && reason === undefined) throw usageFailure("name receipts or messages, or a --reason");
  if (what === "discard" && why === undefined) throw usageFailure("discarding needs --why, which is put on record");
  const body = {
    what,
    ...(ids.length === 0 ? {} : { ids }),
    ...(reason === undefined ? {} : { reason }),
    ...(why === undefined ? {} : { why }),
  };
  return onArchive(call, async (client) => {
    const result = await workResult<Result>(client, "/quarantine/decisions", terminal, what, body);
    if (terminal.isJson) await outJson(terminal, result);
    else {
      const { decided, archived, duplicate, quarantined, held } = result;
      await terminal.out(
        `${decided} decided: ${archived} archived, ${duplicate} duplicate, ${quarantined} quarantined again, ${held} held\n`,
      );
    }
    return exitCodes.done;
  });
}
