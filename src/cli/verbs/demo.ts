import { relative } from "node:path";
import { isFailure } from "#core/index.ts";
import { type DemoMailbox, type DemoNews, openDemoMailbox, runDemo, switchMailbox } from "#demo/index.ts";
import { initArchive, openArchive, type RunningArchive, systemClock } from "#server/index.ts";
import { type Client, createClient } from "../client.ts";
import { makeDemoFolder } from "../demo-folder.ts";
import { listenForKeys } from "../demo-keys.ts";
import { exitCodes } from "../exit-codes.ts";
import { problemOf, usageFailure } from "../problem.ts";
import { addressText, type ListenAddress, readSettings } from "../settings.ts";
import { socketAddress } from "../socket-address.ts";
import { outJson, type Terminal } from "../terminal.ts";
import type { Call, Verb } from "../verb.ts";

/** Of the sample mail. */
const seed = 7;

/**
 * Runs a whole archive on made-up mail until SIGINT, SIGTERM, SIGHUP or the key `q`, and removes it again. It listens on
 * loopback only and connects to nothing but itself.
 */
export const demo: Verb = async (call) => {
  const { terminal, hurry } = call;
  const plan = await planOf(call);
  const folder = makeDemoFolder(plan.data, plan.isKept, systemClock.now());
  const quit = new AbortController();
  const end = () => quit.abort();
  const signal = AbortSignal.any([call.signal, quit.signal]);
  process.once("SIGHUP", end);
  try {
    if (!terminal.isJson) await terminal.out("Muniment demo: made-up mail, on this machine only\n\n");
    await initArchive({ data: plan.data, http: addressText(plan.http), organisation: "Harbour Works (demo data)" });
    const mailbox = await openDemoMailbox(systemClock.now());
    try {
      const archive = await openNear(plan, terminal, mailbox.authority);
      try {
        await perform({ plan, archive, mailbox, terminal, signal, end });
      } finally {
        await archive.close(hurry);
      }
    } finally {
      await mailbox.close();
    }
  } catch (error) {
    if (!signal.aborted || !isFailure(error, "INTERRUPTED")) throw error;
  } finally {
    process.off("SIGHUP", end);
    folder.remove();
  }
  if (plan.isKept) terminal.note(`Kept. To go on with it: muniment serve --data ${pathText(plan.data)}`);
  return exitCodes.done;
};

/** What the demo was asked for. */
interface Plan {
  data: string;
  isKept: boolean;
  http: ListenAddress;
  smtp: ListenAddress;
}

/** By flags only: the environment is about a real archive, whose folder and open ports are no matter of a demo. */
async function planOf({ options }: Call): Promise<Plan> {
  const { data, http, smtp } = await readSettings({ data: "./muniment-demo", ...options }, {});
  return { data, isKept: options.keep === true, http: onLoopback("--http", http), smtp: onLoopback("--smtp", smtp) };
}

function onLoopback(flag: string, address: ListenAddress | null): ListenAddress {
  if (address === null) throw usageFailure(`${flag} is off; a demo needs it`);
  if (!/^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/.test(address.host)) {
    throw usageFailure(`${flag} is ${addressText(address)}; a demo listens on 127.0.0.1, ::1 or localhost only`);
  }
  return address;
}

/** Opens the archive where it was asked to listen, or at a free port where that is taken. */
async function openNear(
  { data, http, smtp }: Plan,
  { isVerbose }: Terminal,
  authority: string,
): Promise<RunningArchive> {
  const mailboxes = { allowPrivateHosts: true, authorities: [authority] };
  const listen = { http, smtp, socket: socketAddress(data) };
  for (;;) {
    try {
      return await openArchive({ data, listen, ...mailboxes, logLevel: isVerbose ? "info" : "warn" });
    } catch (error) {
      if (isFailure(error, "HTTP-LISTEN") && listen.http.port !== 0) listen.http = { ...http, port: 0 };
      else if (isFailure(error, "SMTP-LISTEN") && listen.smtp.port !== 0) listen.smtp = { ...smtp, port: 0 };
      else throw error;
    }
  }
}

/** A demo at work. */
interface Performance {
  plan: Plan;
  archive: RunningArchive;
  mailbox: DemoMailbox;
  terminal: Terminal;
  signal: AbortSignal;
  /** Ends it. */
  end(): void;
}

async function perform({ plan, archive, mailbox, terminal, signal, end }: Performance): Promise<void> {
  const client = createClient({
    address: socketAddress(plan.data),
    tenant: null,
    signal,
    reach: async () => undefined,
  });
  const stage = { api: client, mailbox, tell: (news: DemoNews) => tell(terminal, news) };
  const switched = (what: "break" | "mend") => () =>
    void switchMailbox(what, stage).catch((error: unknown) => terminal.warn(problemOf(error).detail));
  const stopKeys = listenForKeys(process.stdin, {
    q: end,
    b: switched("break"),
    f: switched("mend"),
    o: () => void showConsole(client, archive, terminal),
  });
  try {
    const { http, claimUrl } = archive;
    const smtp = archive.smtp ?? "";
    if (terminal.isJson) await outJson(terminal, { event: "ready", data: plan.data, http, smtp, claimUrl });
    else await terminal.out(openingText(plan, archive, mailbox));
    await runDemo({
      ...stage,
      smtp: { host: plan.smtp.host, port: portOf(smtp) },
      clock: systemClock,
      seed,
      signal,
    });
  } finally {
    stopKeys();
    client.close();
  }
}

function openingText(plan: Plan, { http, smtp, claimUrl }: RunningArchive, mailbox: DemoMailbox): string {
  const rows = [
    ["Data", pathText(plan.data), plan.isKept ? "kept at the end" : "removed at the end; --keep keeps it"],
    ["Mail push", `SMTP ${smtp}`, ["one journal report every 3 s", ...taken(plan.smtp, smtp)].join("; ")],
    ["Mail pull", `POP3 ${mailbox.host}:${mailbox.port}`, "a mailbox, looked into every 4 s"],
    ["Console", claimUrl ?? `http://${http}/`, ["one use, 30 min", ...taken(plan.http, http)].join("; ")],
    ["Search for", "recipient:eve.moreau@harbour.example", "she was in Bcc: no header names her"],
    process.stdin.isTTY
      ? ["Keys", "q  quit    o  show the console's address again    b  break the mailbox    f  mend it"]
      : ["End", "Ctrl-C"],
  ];
  const lines = rows.map(([label = "", value = "", remark]) => {
    return `  ${label.padEnd(12)}${value}${remark === undefined ? "" : `  (${remark})`}\n`;
  });
  return `${lines.join("")}\n`;
}

/** Says so when another port than the wished one is in use. */
function taken(wished: ListenAddress, real: string | null): string[] {
  return wished.port === 0 || real === null || portOf(real) === wished.port ? [] : [`port ${wished.port} is taken`];
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** A path as a person would type it here. */
function pathText(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" || near.startsWith("..") ? path : `./${near}`;
}

function tell(terminal: Terminal, news: DemoNews): Promise<void> {
  if (terminal.isJson) {
    const { kind, ...facts } = news;
    return outJson(terminal, { event: kind, ...facts });
  }
  return terminal.out(`  ${sinceStart()}  ${newsText(news)}\n`);
}

/** Minutes and seconds since this process began. */
function sinceStart(): string {
  const seconds = Math.floor(performance.now() / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function newsText(news: DemoNews): string {
  switch (news.kind) {
    case "first": {
      const { subject, recipients, bccOnly } = news;
      return `FIRST MESSAGE ARCHIVED  "${subject}"  ${recipients} recipients, ${bccOnly} seen only in the envelope (Bcc)`;
    }
    case "broken":
      return `BROKEN: ${news.fault}. The console names it within 10 s; f mends it`;
    case "mended":
      return "MENDED: the mailbox is looked into now";
    case "counts": {
      const { archived, duplicate, quarantined, held, waiting } = news;
      const counts = [
        `${archived} archived`,
        `${duplicate} duplicate`,
        `${quarantined} quarantined`,
        `${held} held`,
        ...(waiting.count === 0 ? [] : [`${waiting.count} waiting at the sender: ${waiting.refusal}`]),
      ];
      return counts.join(" · ");
    }
  }
}

/** Prints where the console is: by the claim link as long as it can be used. */
async function showConsole(client: Client, { http, claimUrl }: RunningArchive, terminal: Terminal): Promise<void> {
  const token = claimUrl?.slice(claimUrl.indexOf("#") + 1) ?? "";
  const isUsable = await client.get(`/claim?token=${encodeURIComponent(token)}`).then(
    () => true,
    (error: unknown) => problemOf(error).status === 0,
  );
  const where = isUsable ? `${claimUrl}  (one use, 30 min)` : `http://${http}/  (the claim link is used or expired)`;
  await terminal.out(`  ${sinceStart()}  Console  ${where}\n`).catch(() => undefined);
}
