import { checkedDownload } from "../checked-download.ts";
import type { Client } from "../client.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outTable } from "../table.ts";
import { outJson, type Terminal } from "../terminal.ts";
import { type Call, numberOption, onArchive, textOption, type Verb } from "../verb.ts";

/** An item as far as it is printed; `--json` prints all that the API says. */
interface Item {
  receipt: string;
  connector: { id: string; description: string };
  state: string;
  reason: string;
  words: string;
  receivedAt: string;
  bytes: number;
  sha256: string;
  decision: { action: string; by: string; note: string | null } | null;
}

interface Page {
  data: Item[];
  nextCursor: string | null;
  reasons: { reason: string; state: string; words: string; meaning: string; count: number; oldestAt: string }[];
}

/** What became of one receipt. */
interface Outcome {
  receipt: string;
  outcome: "done" | "unchanged" | "decided" | "unknown" | "failed";
  state: string | null;
  reason: string | null;
  code: string | null;
}

/** Items listed unless `--limit` says otherwise, and the most that are held for one answer. */
const limitDefault = 200;
const limitMost = 100_000;
/** Items of a page, and receipts of a request, at most; the API takes no more. */
const pageMax = 200;

/** Lists what waits for a decision, and how much of each reason there is. */
export const listQuarantine: Verb = (call) =>
  onArchive(call, async (client) => {
    const limit = numberOption(call, "limit", { least: 1, most: limitMost }) ?? limitDefault;
    const items: Item[] = [];
    let reasons: Page["reasons"] = [];
    let cursor: string | null = null;
    do {
      const asked = new URLSearchParams({ limit: String(Math.min(pageMax, limit - items.length)) });
      const [of, connector] = [textOption(call, "of"), textOption(call, "connector")];
      if (of !== undefined) asked.set("reason", of);
      if (connector !== undefined) asked.set("connector", connector);
      if (call.options.discarded === true) asked.set("show", "discarded");
      if (cursor !== null) asked.set("cursor", cursor);
      const page: Page = await client.get<Page>(`/quarantine?${asked}`);
      items.push(...page.data);
      reasons = page.reasons;
      cursor = page.nextCursor;
    } while (cursor !== null && items.length < limit);
    await outItems(call.terminal, items, reasons);
    return exitCodes.done;
  });

async function outItems(terminal: Terminal, items: readonly Item[], reasons: Page["reasons"]): Promise<void> {
  if (terminal.isJson) return outJson(terminal, { items, reasons });
  await outTable(
    terminal,
    [
      { title: "Receipt", cell: (one) => one.receipt },
      { title: "Received", cell: (one) => one.receivedAt },
      { title: "Connector", cell: (one) => one.connector.description },
      { title: "State", cell: (one) => one.state },
      { title: "Reason", cell: (one) => one.reason },
      { title: "Bytes", cell: (one) => one.bytes },
      { title: "SHA-256", cell: (one) => one.sha256 },
    ],
    items,
  );
  for (const { reason, count, words, meaning } of reasons) terminal.note(`${count} ${reason}: ${words}. ${meaning}`);
}

/** Reads items again. */
export const retry: Verb = (call) => decided(call, "retry");

/** Takes items in. */
export const accept: Verb = (call) => decided(call, "accept");

/** Puts items out of sight. */
export const discard: Verb = (call) => decided(call, "discard");

/** Writes what arrived to standard output. */
export const raw: Verb = (call) => {
  const receipt = call.args[0] ?? "";
  return onArchive(call, async (client) => {
    const download = await client.download(`/quarantine/${encodeURIComponent(receipt)}/raw`);
    for await (const piece of checkedDownload(download, receipt)) await call.terminal.out(piece);
    return exitCodes.done;
  });
};

type Action = "retry" | "accept" | "discard";

async function decided(call: Call, action: Action): Promise<ExitCode> {
  const reason = textOption(call, "of");
  if (call.args.length > 0 === (reason !== undefined))
    throw usageFailure("name receipts, or with --of a reason for all that wait for it");
  const note = textOption(call, "reason");
  return onArchive(call, async (client) => {
    const outcomes: Outcome[] = [];
    const body = { action, ...(note === undefined ? {} : { note }) };
    for await (const page of decisions(client, body, call.args, reason)) outcomes.push(...page);
    return outOutcomes(call.terminal, outcomes);
  });
}

async function* decisions(
  client: Client,
  body: object,
  receipts: readonly string[],
  reason: string | undefined,
): AsyncIterable<Outcome[]> {
  const send = (more: object) =>
    client.send<{ data: Outcome[]; nextCursor: string | null }>("POST", "/quarantine/decisions", { ...body, ...more });
  for (let start = 0; start < receipts.length; start += pageMax)
    yield (await send({ receipts: receipts.slice(start, start + pageMax) })).data;
  let cursor: string | null = null;
  while (reason !== undefined) {
    const page: { data: Outcome[]; nextCursor: string | null } = await send({
      reason,
      ...(cursor === null ? {} : { cursor: Number(cursor) }),
    });
    yield page.data;
    cursor = page.nextCursor;
    if (cursor === null) return;
  }
}

async function outOutcomes(terminal: Terminal, items: readonly Outcome[]): Promise<ExitCode> {
  const count = (outcome: Outcome["outcome"]) => items.filter((one) => one.outcome === outcome).length;
  const counts = {
    done: count("done"),
    unchanged: count("unchanged"),
    decided: count("decided"),
    unknown: count("unknown"),
    failed: count("failed"),
  };
  if (terminal.isJson) await outJson(terminal, { ...counts, items });
  else {
    await outTable(
      terminal,
      [
        { title: "Receipt", cell: (one) => one.receipt },
        { title: "Outcome", cell: (one) => one.outcome },
        { title: "State", cell: (one) => one.state },
        { title: "Reason", cell: (one) => one.reason ?? one.code },
      ],
      items,
    );
  }
  if (counts.failed > 0) return exitCodes.partly;
  return counts.unknown > 0 ? exitCodes.notFound : exitCodes.done;
}
