import { exitCodes } from "../exit-codes.ts";
import { pop3SettingsOf } from "../pop3-options.ts";
import { usageFailure } from "../problem.ts";
import { smtpSettingsOf } from "../smtp-options.ts";
import { outTable } from "../table.ts";
import { outJson, type Terminal } from "../terminal.ts";
import { type Call, onArchive, textOption, type Verb } from "../verb.ts";

/** A connector as far as it is printed; `--json` prints all that the API says. */
interface Connector {
  id: string;
  description: string;
  enabled: boolean;
  journalEmailAddress: string;
  hostname: string;
  transport: string;
  type: string;
  processingQueue: number;
  pop3MailboxQueue: number | null;
  status: string;
  fidelity: { grade: string | null };
  sourceClocks: { source: string; offsetMinutes: number }[];
  version: number;
}

/** Lists the tenant's connectors, in the words and the order of the console. */
export const list: Verb = (call) =>
  onArchive(call, async (client) => {
    const { data } = await client.get<{ data: Connector[] }>("/connectors");
    await outConnectors(call.terminal, data, data);
    return exitCodes.done;
  });

/** Adds a connector and prints it. */
export const add: Verb = (call) =>
  onArchive(call, async (client) => {
    const maxAgeDays = maxAgeOf(call);
    const pop3 = await pop3SettingsOf(call);
    const connector = await client.send<Connector>("POST", "/connectors", {
      description: textOption(call, "description"),
      transport: textOption(call, "transport"),
      type: textOption(call, "type"),
      journalEmailAddress: textOption(call, "address"),
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(pop3 === undefined ? {} : { pop3 }),
      ...smtpSettingsOf(call),
    });
    await outConnectors(call.terminal, [connector], connector);
    return exitCodes.done;
  });

/** Changes what was named and leaves the rest. */
export const edit: Verb = async (call) => {
  const maxAgeDays = maxAgeOf(call);
  const asked = {
    description: textOption(call, "description"),
    type: textOption(call, "type"),
    journalEmailAddress: textOption(call, "address"),
    maxAgeDays,
    pop3: await pop3SettingsOf(call),
    ...smtpSettingsOf(call),
  };
  const changes = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  if (Object.keys(changes).length === 0) throw usageFailure("nothing to change was named");
  return changed(call, changes);
};

/** Lets a connector take mail again. */
export const enable: Verb = (call) => changed(call, { enabled: true });

/** Lets a connector take no mail; senders are told to try later. */
export const disable: Verb = (call) => changed(call, { enabled: false });

function changed(call: Call, changes: object) {
  return onArchive(call, async (client) => {
    const path = `/connectors/${encodeURIComponent(call.args[0] ?? "")}`;
    const { version } = await client.get<Connector>(path);
    const connector = await client.send<Connector>("PATCH", path, changes, { "if-match": String(version) });
    await outConnectors(call.terminal, [connector], connector);
    return exitCodes.done;
  });
}

/** Days from `30d` or `30`; null for `off`; undefined when not given. */
function maxAgeOf(call: Call): number | null | undefined {
  const text = textOption(call, "maxAge");
  if (text === undefined) return undefined;
  if (text === "off") return null;
  const [, days] = /^(\d{1,5})d?$/.exec(text) ?? [];
  if (days === undefined || Number(days) === 0)
    throw usageFailure(`--max-age is ${text}; it must be days as 30d, or off`);
  return Number(days);
}

function outConnectors(terminal: Terminal, connectors: readonly Connector[], document: unknown): Promise<void> {
  if (terminal.isJson) return outJson(terminal, document);
  return outTable(
    terminal,
    [
      { title: "Id", cell: (one) => one.id },
      { title: "Description", cell: (one) => one.description },
      { title: "Enabled", cell: (one) => (one.enabled ? "yes" : "no") },
      { title: "Journal Email Address", cell: (one) => one.journalEmailAddress },
      { title: "Hostname / IP", cell: (one) => one.hostname },
      { title: "Transport", cell: (one) => one.transport },
      { title: "Type", cell: (one) => one.type },
      { title: "Processing Queue", cell: (one) => one.processingQueue },
      { title: "POP3 Mailbox Queue", cell: (one) => one.pop3MailboxQueue },
      { title: "Service Status", cell: (one) => one.status.replaceAll("_", " ") },
      { title: "Fidelity", cell: (one) => one.fidelity.grade },
      { title: "Source Clock", cell: (one) => one.sourceClocks.map(clockText).join(", ") },
    ],
    connectors,
  );
}

/** `mx.example +90 min`: by how much the clock of a system that brought mail is wrong. */
function clockText({ source, offsetMinutes }: Connector["sourceClocks"][number]): string {
  return `${source} ${offsetMinutes > 0 ? "+" : ""}${offsetMinutes} min`;
}
