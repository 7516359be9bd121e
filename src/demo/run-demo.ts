import { type Clock, Failure } from "#core/index.ts";
import { furtherReport } from "./further-report.ts";
import type { DemoMailbox } from "./mailbox.ts";
import { Outbox } from "./outbox.ts";
import { sampleMail } from "./sample-mail.ts";
import { createSender } from "./sender.ts";

/** What the demo needs of the product: its API, as the local administrator has it. Paths lie below `/api/v1`. */
interface DemoApi {
  get<T>(path: string): Promise<T>;
  send<T>(method: "POST", path: string, body: object): Promise<T>;
}

/** What the demo has to tell while it goes on. */
export type DemoNews =
  | { kind: "first"; subject: string; recipients: number; bccOnly: number }
  | ({ kind: "counts" } & Counts)
  | { kind: "broken"; fault: string }
  | { kind: "mended" };

/** What became of the mail sent so far. */
interface Counts {
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** Mail that was not taken yet, and what the listener said to the first of it. */
  waiting: { count: number; refusal: string | null };
}

/** A fresh archive at work, and where to tell of it. */
interface DemoStage {
  api: DemoApi;
  /** A mailbox that the archive fetches mail from. */
  mailbox: DemoMailbox;
  /** Where the archive takes mail. */
  smtp: { host: string; port: number };
  clock: Clock;
  seed: number;
  /** Ends the demo. */
  signal: AbortSignal;
  tell(news: DemoNews): Promise<void>;
}

/** The journal addresses of the two connectors. */
const demoAddresses = { reports: "journal@archive.example", copies: "copies@archive.example" } as const;

/** The journal address of the mailbox's connector. */
const mailboxAddress = "branch@archive.example";
/** Seconds between two looks into the mailbox: a fault is to be seen within ten. */
const lookEverySeconds = 4;
/** Further reports of the stream that go into the mailbox: every third. */
const mailboxShare = 3;
/** The chance of mail in the mailbox is another one, so that it is other mail. */
const mailboxSeed = 1_000;

const reportEveryMs = 3_000;
/** Reports between two lines of counts, so that one comes about every 10 s. */
const reportsPerCount = 3;
/** Mail that may wait at the sender before no more is written: a paused connector must not fill memory. */
const waitingMax = 200;

/**
 * Adds two connectors, sends the sample mail, tells when the first is found by search, and then sends a report every 3 s
 * until `signal` aborts.
 *
 * @throws `DEMO-STALLED` when mail is not searchable after 60 s, and what the API answers
 */
export async function runDemo(stage: DemoStage): Promise<void> {
  const { api, smtp, clock, seed, signal, tell } = stage;
  await api.send("POST", "/connectors", {
    description: "Exchange journal",
    transport: "smtp",
    type: "eej",
    journalEmailAddress: demoAddresses.reports,
  });
  await api.send("POST", "/connectors", {
    description: "Postfix copies",
    transport: "smtp",
    type: "standard",
    journalEmailAddress: demoAddresses.copies,
  });
  const outbox = new Outbox(createSender(smtp.host, smtp.port), demoAddresses);
  const [first, ...others] = sampleMail(seed, clock.now());
  await outbox.send(first!);
  await tell(await eventually(stage, "the first message", () => firstArchived(api)));
  await outbox.send(...others);
  await tell(await eventually(stage, "the sample mail", () => settledCounts(api, outbox)));
  await addMailbox(stage);
  for (let index = 0; ; index += 1) {
    await clock.sleep(reportEveryMs, signal);
    if (signal.aborted) return;
    if (outbox.waiting.count < waitingMax) await outbox.send(furtherReport(seed, index, clock.now()));
    else await outbox.send();
    if (index % mailboxShare === 0 && stage.mailbox.count < waitingMax)
      stage.mailbox.put(furtherReport(seed + mailboxSeed, index, clock.now()).bytes);
    if (index % reportsPerCount === reportsPerCount - 1) {
      await tell(countsOf(await api.get<Status>("/status"), outbox));
    }
  }
}

/** Adds the connector of the mailbox, with mail in it already. */
async function addMailbox({ api, mailbox, seed, clock }: DemoStage): Promise<void> {
  for (let index = 0; index < mailboxShare; index += 1)
    mailbox.put(furtherReport(seed + mailboxSeed, -1 - index, clock.now()).bytes);
  const { host, port, user, password } = mailbox;
  await api.send("POST", "/connectors", {
    description: "Branch mailbox",
    transport: "pop3",
    type: "eej",
    journalEmailAddress: mailboxAddress,
    pop3: { host, port, tls: "implicit", user, password, intervalSeconds: lookEverySeconds },
  });
}

/**
 * Breaks the mailbox in the next way, or mends it; a mended one is looked into at once, as its administrator would have it.
 * What the console says of it is for the console.
 */
export async function switchMailbox(
  what: "break" | "mend",
  { api, mailbox, tell }: Pick<DemoStage, "api" | "mailbox" | "tell">,
): Promise<void> {
  if (what === "break") {
    await tell({ kind: "broken", fault: await mailbox.break() });
    return;
  }
  await mailbox.mend();
  await tell({ kind: "mended" });
  const { data } = await api.get<{ data: { id: string; journalEmailAddress: string }[] }>("/connectors");
  const connector = data.find(({ journalEmailAddress }) => journalEmailAddress === mailboxAddress);
  if (connector !== undefined) await api.send("POST", `/connectors/${connector.id}/runs`, {});
}

/** A message as far as it is told of. */
interface Detail {
  subject: string;
  recipients: { inEnvelope: boolean; inHeader: boolean; how: string }[];
}

async function firstArchived(api: DemoApi): Promise<DemoNews | undefined> {
  const [found] = (await api.get<{ data: { id: string }[] }>("/messages?limit=1")).data;
  if (found === undefined) return undefined;
  const { subject, recipients } = await api.get<Detail>(`/messages/${found.id}`);
  const bccOnly = recipients.filter(
    ({ inEnvelope, inHeader, how }) => inEnvelope && !inHeader && how.startsWith("Bcc"),
  );
  return { kind: "first", subject, recipients: recipients.length, bccOnly: bccOnly.length };
}

interface Status extends Omit<Counts, "waiting"> {
  processing: number;
  messages: number;
  searchable: number;
}

async function settledCounts(api: DemoApi, outbox: Outbox): Promise<DemoNews | undefined> {
  const status = await api.get<Status>("/status");
  const isSettled = status.processing === 0 && status.searchable === status.messages;
  return isSettled ? countsOf(status, outbox) : undefined;
}

function countsOf({ archived, duplicate, quarantined, held }: Status, { waiting }: Outbox): DemoNews {
  return { kind: "counts", archived, duplicate, quarantined, held, waiting };
}

const askEveryMs = 50;
const stalledMs = 60_000;

/** Asks until there is an answer. */
async function eventually<T>(
  { clock, signal }: DemoStage,
  what: string,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.elapsedMs() + stalledMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (clock.elapsedMs() > deadline)
      throw new Failure("DEMO-STALLED", "never", `${what} is not searchable after 60 s`);
    await clock.sleep(askEveryMs, signal);
  }
}
