import { judgeAge } from "#archive/index.ts";
import { type Instant, KiB } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { type MailReading, readMessage } from "#mail/index.ts";
import { type Listing, Pop3Failure, type Pop3Session } from "#pop3/index.ts";
import type { Sample } from "./mailbox-steps.ts";
import { type Finding, failed, passed } from "./report.ts";

/** Headers that are looked at: enough to see how old a mailbox is, and soon done also where each costs a round trip. */
const headersMax = 200;
/** Octets of one header that are looked at. */
const headerBytesMax = 64 * KiB;
const dayMs = 86_400_000;

/** Classes of age by their upper end in days, in the words of the histogram. */
const classes: readonly [days: number, words: string][] = [
  [1, "up to a day"],
  [7, "up to a week"],
  [30, "up to 30 days"],
  [365, "up to a year"],
  [Number.POSITIVE_INFINITY, "older"],
];

/** How old one message is. */
interface Age {
  days: number;
  isTooOld: boolean;
  /** By which clock, and by how many minutes, as the archive would flag it; empty when clocks agree. */
  flags: readonly string[];
}

/**
 * Headers from all over the mailbox, oldest first, where the server has TOP; none where it has not. What cannot be fetched is
 * left out.
 *
 * @throws Pop3Failure when the session broke
 */
export async function fetchHeaders(session: Pop3Session, { messages }: Listing): Promise<MailReading["headers"][]> {
  if (!session.capabilities.argumentsByTag.has("TOP")) return [];
  const count = Math.min(headersMax, messages.length);
  const step = count < 2 ? 1 : (messages.length - 1) / (count - 1);
  const found: MailReading["headers"][] = [];
  for (let begin = 0; begin < count; begin += session.outstandingMax) {
    const places = Array.from({ length: Math.min(session.outstandingMax, count - begin) }, (_, at) => begin + at);
    const heads = places.map((place) => fetchHeader(session, messages[Math.round(place * step)]!.number));
    for (const head of await Promise.all(heads)) if (head !== null) found.push(head);
  }
  return found;
}

async function fetchHeader(session: Pop3Session, number: number): Promise<MailReading["headers"] | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    await session.top(number, 0, (piece) => {
      if (bytes < headerBytesMax) pieces.push(Buffer.from(piece));
      bytes += piece.length;
    });
  } catch (error) {
    if (!(error instanceof Pop3Failure) || session.failure !== null) throw error;
    return null;
  }
  return readMessage(Buffer.concat(pieces).subarray(0, headerBytesMax)).headers;
}

/**
 * Whether mail is fresh, and clocks are right, by the rule that the archive itself goes by.
 *
 * @param headers of many messages: how old mail is. @param samples whole ones: a report whose message is younger than it has a slow clock
 */
export function ageFinding(
  headers: readonly MailReading["headers"][],
  samples: readonly Sample[],
  maxAgeDays: number | null,
  now: Instant,
): Finding {
  const judge = (report: MailReading["headers"], innerDate: Instant | null): Age[] => {
    const at = report.receivedAt ?? report.date;
    if (at === null) return [];
    const verdict = judgeAge({ report, innerDate, receivedAt: now, maxAgeDays, isClockUnsure: false });
    return [{ days: (now - at) / dayMs, ...verdict }];
  };
  const whole = samples.flatMap((sample) => judge(sample.reading.headers, innerDateOf(sample)));
  const ages = headers.length > 0 ? headers.flatMap((one) => judge(one, null)) : whole;
  if (ages.length + whole.length === 0) return passed("no message says when it was sent");
  const oldest = Math.max(...[...ages, ...whole].map(({ days }) => days));
  const over = ages.filter(({ isTooOld }) => isTooOld).length;
  const limit = maxAgeDays === null ? "no limit" : `limit ${maxAgeDays} days, ${over} over it`;
  const evidence = [`${ages.length} looked at: ${histogram(ages)}`, `the oldest ${Math.floor(oldest)} days old`, limit];
  const clocks = [...new Set([...whole, ...ages].flatMap(({ flags }) => flags))].map(clockText).sort();
  if (clocks.length > 0)
    return failed(
      [...evidence, ...clocks],
      "A clock is wrong, there or here: mail looks older or younger than it is.",
      "set the clock of the system that sends the mail, or of this machine",
      "B",
    );
  if (over > 0 || whole.some(({ isTooOld }) => isTooOld))
    return failed(
      evidence,
      "Mail is older than the limit and will be held for a look.",
      "decide whether old mail is to come this way: raise the limit, or import it",
      "B",
    );
  return passed(...evidence);
}

/** The date of the message in a report; null for what is none. */
function innerDateOf({ bytes, reading }: Sample): Instant | null {
  const found = unwrap(bytes, reading);
  if (found.kind !== "report") return null;
  return readMessage(found.decoded ?? bytes.subarray(found.inner.start, found.inner.end)).headers.date;
}

function histogram(ages: readonly Age[]): string {
  const counts = classes.map(([days, words], at) => {
    const from = at === 0 ? Number.NEGATIVE_INFINITY : classes[at - 1]![0];
    return { words, count: ages.filter((age) => age.days > from && age.days <= days).length };
  });
  return counts
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${count} ${words}`)
    .join(", ");
}

/** `source_clock_behind_90m` in words. */
function clockText(flag: string): string {
  const [, side, minutes] = /^source_clock_(ahead|behind)_(\d+)m$/.exec(flag) ?? [];
  return `the clock of a source is ${minutes} minutes ${side}`;
}
