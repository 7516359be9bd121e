import { MiB } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { type MailReading, readMessage } from "#mail/index.ts";
import type { Listing, Pop3Session } from "#pop3/index.ts";
import { type Finding, failed, passed, warned } from "./report.ts";
import type { MailboxUnderTest } from "./test-mailbox.ts";

/** Largest message that is fetched for a look, in octets: a look must not cost the server or us much. */
const sampleBytesMax = 8 * MiB;
/** A message's clock may be ahead by this many milliseconds before it is called wrong. */
const aheadMs = 86_400_000;
const dayMs = 86_400_000;

/** A message of the mailbox that was fetched and read. */
export interface Sample {
  role: string;
  bytes: Uint8Array;
  listBytes: number | null;
  reading: MailReading;
}

/** What is in the mailbox, and whether it can be told apart. */
export function listFinding(
  stat: { messages: number; bytes: number },
  listing: Listing,
  { keeps, messageBytesMax }: Pick<MailboxUnderTest, "keeps" | "messageBytesMax">,
): Finding {
  const largest = Math.max(0, ...listing.messages.map(({ listBytes }) => listBytes ?? 0));
  const evidence = [
    `${stat.messages} messages, ${stat.bytes} octets, the largest ${largest}`,
    `unique ids: ${listing.uidls}`,
  ];
  if (listing.messages.length !== stat.messages)
    return failed(
      [...evidence, `LIST names ${listing.messages.length}`],
      "The server does not agree with itself on what is in the mailbox.",
      "look into the server's log, and rebuild its index of this mailbox",
    );
  if (keeps && listing.uidls !== "usable" && stat.messages > 0)
    return failed(evidence, "Mail is to stay on the server, and cannot be told apart there.", "repair UIDL");
  if (largest > messageBytesMax)
    return warned("B", evidence, "The largest message is larger than we take; the others go on.", "take it out");
  if (listing.uidls !== "usable" && stat.messages > 0)
    return warned("B", evidence, "Without usable ids every message is fetched to be known.", "repair UIDL");
  return passed(...evidence);
}

/** Fetches the oldest, the newest and the largest message, as far as they are small enough to look at. */
export async function fetchSamples(
  session: Pop3Session,
  listing: Listing,
): Promise<{ samples: Sample[]; finding: Finding }> {
  const { messages } = listing;
  const first = messages[0];
  if (first === undefined)
    return { samples: [], finding: passed("the mailbox is empty: nothing to look at; send a message and test again") };
  const largest = messages.reduce((most, one) => ((one.listBytes ?? 0) > (most.listBytes ?? 0) ? one : most), first);
  const chosen = new Map([
    [first.number, { role: "oldest", message: first }],
    ...[
      { role: "newest", message: messages.at(-1) ?? first },
      { role: "largest", message: largest },
    ]
      .filter(({ message }) => message.number !== first.number)
      .map((one) => [one.message.number, one] as const),
  ]);
  const samples: Sample[] = [];
  const evidence: string[] = [];
  for (const { role, message } of chosen.values()) {
    if ((message.listBytes ?? 0) > sampleBytesMax) {
      evidence.push(`${role}: ${message.listBytes} octets, too large for a look`);
      continue;
    }
    const bytes = await fetched(session, message.number);
    const reading = readMessage(bytes);
    samples.push({ role, bytes, listBytes: message.listBytes, reading });
    const codes = [...new Set(reading.defects.map(({ code }) => code))];
    const said = message.listBytes === null ? "" : `, LIST says ${message.listBytes}`;
    const parts = `${reading.parts.length} parts`;
    evidence.push(
      `${role}: ${bytes.length} octets${said}, ${parts}${codes.length === 0 ? "" : `, ${codes.join(" ")}`}`,
    );
  }
  if (samples.some(({ reading }) => reading.parts.length === 0 || reading.fields.length === 0))
    return {
      samples,
      finding: failed(
        evidence,
        "What comes has no header: it is no mail.",
        "look into the message; it is kept all the same",
      ),
    };
  return { samples, finding: passed(...evidence) };
}

async function fetched(session: Pop3Session, number: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await session.retrieve(number, (piece) => void pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces);
}

/** Whether what is in the mailbox is what the connector takes it for. */
export function typeFinding(samples: readonly Sample[], type: "eej" | "standard"): Finding {
  if (samples.length === 0) return passed("no sample to judge by");
  const kinds = samples.map(({ bytes, reading }) => unwrap(bytes, reading));
  const reports = kinds.filter(({ kind }) => kind === "report").length;
  const broken = kinds.filter(({ kind }) => kind === "unreadable").length;
  const evidence = [`${reports} of ${samples.length} samples are journal reports, ${broken} more are broken ones`];
  if (type === "eej" && reports + broken === 0)
    return failed(
      evidence,
      `Set to EEJ, but ${samples.length} of ${samples.length} samples carry no envelope.`,
      "set the type to standard, or have the mail system send journal reports",
      "C",
    );
  if (type === "standard" && reports > 0)
    return failed(evidence, "Set to standard, but journal reports come.", "set the type to EEJ", "C");
  if (broken > 0)
    return warned(
      "C",
      evidence,
      "A report's envelope cannot be read; it is quarantined.",
      "send us the report's shape",
    );
  return passed(...evidence);
}

/** Whether mail is fresh, and clocks are right. */
export function ageFinding(samples: readonly Sample[], maxAgeDays: number | null, now: number): Finding {
  const times = samples.flatMap(({ role, reading }) => {
    const at = reading.headers.receivedAt ?? reading.headers.date;
    return at === null ? [] : [{ role, at }];
  });
  if (times.length === 0) return passed("no sample says when it was sent");
  const evidence = times.map(({ role, at }) => `${role}: ${Math.floor((now - at) / dayMs)} days old`);
  evidence.push(maxAgeDays === null ? "no limit" : `limit ${maxAgeDays} days`);
  if (times.some(({ at }) => at - now > aheadMs))
    return failed(evidence, "Mail comes from the future: a clock is wrong, there or here.", "set the clock", "B");
  if (maxAgeDays !== null && times.some(({ at }) => now - at > maxAgeDays * dayMs))
    return failed(
      evidence,
      "Mail is older than the limit and will be held for a look, or a clock is slow.",
      "check the clock of the mail server, or raise the limit",
      "B",
    );
  return passed(...evidence);
}

/** Whether the server lets us delete, without deleting: DELE is answered, then taken back by RSET; `before` messages are there. */
export async function tryDelete(
  session: Pop3Session,
  listing: Listing,
  before: number,
  keeps: boolean,
): Promise<Finding> {
  const [message] = listing.messages;
  if (message === undefined) return passed("the mailbox is empty: nothing to try on");
  const refusal = await session.remove(message.number).then(
    () => null,
    (error: unknown) => {
      if (session.failure !== null || !(error instanceof Error)) throw error;
      return error.message;
    },
  );
  await session.reset();
  const { messages } = await session.stat();
  const evidence = [
    refusal === null ? "DELE was answered +OK" : refusal,
    "RSET took it back",
    `${messages} messages as before`,
  ];
  if (messages !== before)
    return failed(evidence, "After RSET another number of messages is there.", "look into the server's log");
  if (refusal === null) return passed(...evidence);
  const grade = keeps ? "B" : "F";
  return failed(
    evidence,
    "The server refuses DELE: the mailbox will fill up.",
    "give the account the right to delete",
    grade,
  );
}
