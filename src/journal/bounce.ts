import type { MailPart, MailReading } from "#mail/index.ts";
import { isWrappedMessage } from "./shape.ts";

/**
 * Whether a message says of another that it could not be delivered.
 *
 * A standard report of delivery is one whatever stands in its text, which servers write in many languages. Other bounces
 * are known by who sends them. That nobody wrote it (Auto-Submitted, the null sender) is said by vacation notices too and
 * proves nothing.
 *
 * @see RFC 3464; the bounces of corpus dsn-sisimai
 */
export function isBounce(reading: MailReading): boolean {
  const { type } = reading.parts[0]!;
  const has = (wanted: string) => reading.parts.some((part) => part.depth === 1 && part.type === wanted);
  // Complaints and receipts are reports as well; they say so.
  if (has("message/feedback-report") || has("message/disposition-notification")) return false;
  if (type === "multipart/report" && has("message/delivery-status")) return true;
  if (reading.fields.some(({ name }) => name === "x-failed-recipients")) return true;
  const from = reading.headers.from[0];
  const local = (from?.address ?? "").split("@", 1)[0]!.toLowerCase();
  return daemons.has(local) || /mailer-daemon|mail delivery (?:sub)?system/i.test(from?.name ?? "");
}

/** Who sends bounces. A postmaster writes other mail too, but none that a report would be looked for in. */
const daemons: ReadonlySet<string> = new Set([
  "mailer-daemon",
  "mail-daemon",
  "maildaemon",
  "postmaster",
  "post_master",
  "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
]);

/**
 * The messages that a bounce gives back: the wrapped ones in it, and where one of them is a bounce again, those in it; never
 * what somebody's mail wrapped. In order, outermost first.
 */
export function returnedMessages(reading: MailReading): MailPart[] {
  const returned: MailPart[] = [];
  let roots = [""];
  for (let level = 0; level < bouncesDepthMax && roots.length > 0; level += 1) {
    const found = reading.parts.filter((part) => isWrappedMessage(part) && roots.includes(parentOf(part.path)));
    returned.push(...found.slice(0, returnedMax - returned.length));
    roots = found.slice(0, returnedMax).flatMap(({ path }) => {
      const root = reading.parts.find((part) => part.path === `${path}.0`);
      return root?.type === "multipart/report" ? [root.path] : [];
    });
  }
  return returned;
}

/** A bounce of a bounce is rare, and one more is a loop that somebody stopped. */
const bouncesDepthMax = 5;
/** A bounce gives one message back, or two when its server could not write the first one properly. */
const returnedMax = 8;

function parentOf(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot < 0 ? "" : path.slice(0, dot);
}
