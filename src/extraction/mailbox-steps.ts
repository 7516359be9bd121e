import { MiB } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { type MailReading, readMessage } from "#mail/index.ts";
import type { Listing, Pop3Session } from "#pop3/index.ts";
import { type Finding, failed, passed, warned } from "./report.ts";

/** Largest message that is fetched for a look, in octets: a look must not cost the server or us much. */
const sampleBytesMax = 8 * MiB;

/** A message of the mailbox that was fetched and read. */
export interface Sample {
  role: string;
  bytes: Uint8Array;
  listBytes: number | null;
  reading: MailReading;
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
  return { samples, finding: sizesFinding(samples, evidence) };
}

/** What LIST said against what came. It is never a reason to leave a message: only the end mark says where one ends. */
function sizesFinding(samples: readonly Sample[], evidence: readonly string[]): Finding {
  const said = samples.flatMap(({ bytes, listBytes }) => (listBytes === null ? [] : [bytes.length - listBytes]));
  const meanings = [
    ...(said.some((more) => more < 0)
      ? ["RETR gives fewer octets than LIST says; a message counts as whole at its end mark, whatever LIST says."]
      : []),
    ...(said.some((more) => more > 0)
      ? ["RETR gives more octets than LIST says; all of them are taken, up to the end mark."]
      : []),
  ];
  if (meanings.length === 0) return passed(...evidence);
  const fix = "nothing has to be done; a server that estimates sizes, such as Exchange, can be told to count them";
  return warned("A", [...evidence], meanings.join(" "), fix);
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
