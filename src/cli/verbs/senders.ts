import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outTable, printable } from "../table.ts";
import { outJson, type Terminal } from "../terminal.ts";
import { type Call, onArchive, textOption, type Verb } from "../verb.ts";

interface Peer {
  address: string;
  helo: string | null;
  tls: string | null;
  times: number;
  lastAt: string;
}

/** How the SMTP listeners are reached, as the API says it. */
export interface Reach {
  name: string | null;
  doorways: { addresses: string[]; port: number; tls: string }[];
  certificate: { subject: string; validUntil: string; daysLeft: number } | null;
}

interface Peers {
  reach: Reach;
  delivered: Peer[];
  turnedAway: (Peer & { lacking: string })[];
  refused: (Peer & { reply: string; reason: string })[];
}

interface Recipe {
  id: string;
  title: string;
  fidelity: string;
  sentence: string;
  before: string[];
  steps: { text: string; code: string | null }[];
  warnings: string[];
}

const pathOf = (call: Call) => `/connectors/${encodeURIComponent(call.args[0] ?? "")}`;

/** Shows who delivered to a connector, who was turned away and what was refused, and what the other side must allow. */
export const peers: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const said = await client.get<Peers>(`${pathOf(call)}/peers`);
    if (terminal.isJson) {
      await outJson(terminal, said);
      return exitCodes.done;
    }
    const lines = [
      ...said.delivered.map((peer) => ({ ...peer, what: "delivered", why: null })),
      ...said.turnedAway.map((peer) => ({ ...peer, what: "451", why: lackWords[peer.lacking] ?? peer.lacking })),
      ...said.refused.map((peer) => ({ ...peer, what: peer.reply.slice(0, 3), why: peer.reason })),
    ];
    await outTable(
      terminal,
      [
        { title: "Answer", cell: (one) => one.what },
        { title: "Address", cell: (one) => one.address },
        { title: "Name", cell: (one) => one.helo },
        { title: "TLS", cell: (one) => one.tls ?? "in clear" },
        { title: "Times", cell: (one) => one.times },
        { title: "Last", cell: (one) => one.lastAt },
        { title: "Why", cell: (one) => one.why },
      ],
      lines,
    );
    for (const line of reachLines(said.reach)) terminal.note(line);
    return exitCodes.done;
  });

const lackWords: Readonly<Record<string, string>> = {
  source: "not on the list of permitted addresses",
  tls: "came in clear, TLS is needed",
  login: "did not log in",
  certificate: "did not show the certificate",
};

/** What the other side must let through its firewall, and how long the certificate lasts. */
export function reachLines({ name, doorways, certificate }: Reach): string[] {
  const ways = doorways.map(({ addresses, port, tls }) => {
    const how = { first: "TLS from the first byte", starttls: "STARTTLS", none: "no TLS" }[tls] ?? tls;
    return `senders reach ${[...(name === null ? [] : [name]), ...addresses].join(", ")}, TCP port ${port} (${how})`;
  });
  if (certificate === null) return ways;
  const { validUntil, daysLeft } = certificate;
  return [...ways, `the mail certificate ${daysLeft < 0 ? "ENDED" : "ends"} ${validUntil}, ${daysLeft} days left`];
}

/** Shows what was answered 5xx and concerns no connector: probes, other people's mail, mistyped domains. */
export const refusals: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const { data } = await client.get<{ data: (Peer & { command: string; reply: string })[] }>("/smtp/refusals");
    if (terminal.isJson) {
      await outJson(terminal, data);
      return exitCodes.done;
    }
    await outTable(
      terminal,
      [
        { title: "Address", cell: (one) => one.address },
        { title: "Name", cell: (one) => one.helo },
        { title: "Times", cell: (one) => one.times },
        { title: "Last", cell: (one) => one.lastAt },
        { title: "Command", cell: (one) => one.command },
        { title: "Reply", cell: (one) => one.reply },
      ],
      data,
    );
    return exitCodes.done;
  });

/** Permits one more address or range. */
export const allow: Verb = (call) =>
  onArchive(call, async (client) => {
    const range = call.args[1] ?? "";
    const { smtp } = await client.send<{ smtp: { permitted: string[] } }>("POST", `${pathOf(call)}/allow`, { range });
    if (call.terminal.isJson) await outJson(call.terminal, smtp);
    else await call.terminal.out(smtp.permitted.map((one) => one + "\n").join(""));
    return exitCodes.done;
  });

/** Makes a login for senders and shows its password this once, or takes the login away. */
export const login: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const path = `${pathOf(call)}/login`;
    if (call.options.remove === true) {
      const { smtp } = await client.send<{ smtp: object }>("DELETE", path);
      if (terminal.isJson) await outJson(terminal, smtp);
      else terminal.note("senders are asked for no login any more");
      return exitCodes.done;
    }
    const made = await client.send<{ user: string; password: string }>("POST", path);
    if (terminal.isJson) await outJson(terminal, made);
    else await terminal.out(`user ${made.user}\npassword ${made.password}\n`);
    terminal.note("The password is shown this once. From now on senders must log in.");
    return exitCodes.done;
  });

/** Prints how a mail system is made to send its journal here. */
export const recipe: Verb = (call) =>
  onArchive(call, async (client) => {
    const { data } = await client.get<{ data: Recipe[] }>(`${pathOf(call)}/recipes`);
    const wanted = textOption(call, "for");
    const chosen = wanted === undefined ? data : data.filter(({ id }) => id === wanted);
    if (chosen.length === 0)
      throw usageFailure(`--for is ${wanted}; it must be one of ${data.map(({ id }) => id).join(", ")}`);
    if (call.terminal.isJson) await outJson(call.terminal, wanted === undefined ? data : chosen[0]);
    else for (const one of chosen) await outRecipe(call.terminal, one);
    return exitCodes.done;
  });

async function outRecipe(terminal: Terminal, { title, fidelity, sentence, before, steps, warnings }: Recipe) {
  const lines = [`# ${title}`, `Fidelity ${fidelity}: ${sentence}`, ""];
  for (const text of before) lines.push(`First: ${text}`, "");
  for (const [at, { text, code }] of steps.entries()) {
    lines.push(`${at + 1}. ${text}`);
    if (code !== null) lines.push("", ...code.split("\n").map((line) => `    ${printable(line)}`));
    lines.push("");
  }
  for (const text of warnings) lines.push(`Note: ${text}`);
  await terminal.out(lines.join("\n") + "\n\n");
}

/** Lists the providers whose addresses can be permitted by name. */
export const providers: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const { data } = await client.get<{
      data: { id: string; title: string; ranges: string[]; source: string; asOf: string }[];
    }>("/smtp/providers");
    if (terminal.isJson) {
      await outJson(terminal, data);
      return exitCodes.done;
    }
    await outTable(
      terminal,
      [
        { title: "Id", cell: (one) => one.id },
        { title: "Provider", cell: (one) => one.title },
        { title: "Ranges", cell: (one) => one.ranges.length },
        { title: "As of", cell: (one) => one.asOf },
        { title: "Source", cell: (one) => one.source },
      ],
      data,
    );
    return exitCodes.done;
  });
