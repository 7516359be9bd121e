import type { Instant, Mailbox } from "#core/index.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { type Stated, writeReport } from "./journal-report.ts";
import { crewList, eve, partners, staff } from "./people.ts";
import type { Sample } from "./sample-mail.ts";
import { type Draft, filePart, lines, multipart, type Part, textPart, writeMail } from "./write-mail.ts";

/**
 * The `index`-th report of the stream that goes on after the samples: another author, subject and audience each time.
 * The same seed, index and time give the same bytes.
 *
 * @param now the time the report is sent at
 */
export function furtherReport(seed: number, index: number, now: Instant): Sample {
  // Neighbouring indexes must not give neighbouring choices.
  const chance = chanceFrom(Math.imul(seed, 0x01000193) ^ Math.imul(index + 1, 0x9e3779b1));
  const from = chance.oneIn(5) ? chance.pick(partners) : chance.pick(staff);
  const { to, cc, recipients } = audience(chance, from);
  const subject = subjectOf(chance);
  const domain = from.address.slice(from.address.indexOf("@") + 1);
  const draft: Draft = {
    ...{ from, to, cc, subject },
    sentAt: (now - travelMs) as Instant,
    messageId: `${index}.${chance.hex(16)}@mail.${domain}`,
    content: content(chance, from),
  };
  const report = { ...draft, recipients, reportedAt: now, unique: chance.hex(32), message: writeMail(draft) };
  return { name: subject, connector: "reports", mailFrom: "", bytes: Buffer.from(writeReport(report), "latin1") };
}

/** From the writing of a message to the report on it. */
const travelMs = 2_000;

interface Audience {
  to: Mailbox[];
  cc: Mailbox[];
  recipients: Stated[];
}

function audience(chance: Chance, from: Mailbox): Audience {
  const others = [...staff, ...partners].filter((one) => one !== from && one !== eve);
  const people = chance.some(others, 1 + chance.below(4));
  // Of mail from outside, Exchange does not believe how its recipients were addressed.
  const isTrusted = !partners.includes(from);
  const to = people.slice(0, 2);
  const cc = people.slice(2);
  const recipients = [...stated(to, isTrusted ? "to" : "unknown"), ...stated(cc, isTrusted ? "cc" : "unknown")];
  if (isTrusted && from !== eve && chance.oneIn(4)) recipients.push(...stated([eve], "bcc"));
  if (chance.oneIn(5)) {
    to.push(crewList);
    const members = chance.some(
      others.filter((one) => !people.includes(one) && !partners.includes(one)),
      3,
    );
    for (const { address } of members) {
      recipients.push({ address, role: isTrusted ? "to" : "unknown", relation: "expanded", via: crewList.address });
    }
  }
  return { to, cc, recipients };
}

function stated(people: readonly Mailbox[], role: Stated["role"]): Stated[] {
  return people.map(({ address }) => ({ address, role, relation: "direct", via: null }));
}

const things = ["Slipway", "Crane 2", "Berth 12", "Pilot boat", "Dry dock", "Ferry hull", "Oak delivery", "Pump house"];
const matters = [
  "inspection",
  "cost estimate",
  "delay of a week",
  "insurance",
  "spare parts",
  "night shift",
  "safety walk",
  "photos",
  "photos, with the café in front ☕",
  "coûts révisés",
];
const prefixes = ["", "", "", "Re: ", "Re: ", "Fwd: "];

function subjectOf(chance: Chance): string {
  return `${chance.pick(prefixes)}${chance.pick(things)}: ${chance.pick(matters)}`;
}

const sentences = [
  "The yard has it ready by Friday.",
  "Please check the figures again before they go out.",
  "The supplier asks for half of it in advance.",
  "Nobody has signed yet, so there is still time.",
  "I would rather wait for the tide tables.",
  "It costs less than last year, and takes longer.",
  "The drawing on the wall is the old one.",
  "Keep the second copy in the office, not on board.",
  "We meet at the gate at seven.",
];

function content(chance: Chance, from: Mailbox): Part {
  const said = chance.some(sentences, 2 + chance.below(3)).join("\n");
  const text = textPart(`Hello,\n\n${said}\n\n${from.name}\n`);
  if (!chance.oneIn(6)) return text;
  const rows = Array.from({ length: 5 }, (_, row) => `${row + 1},${100 + chance.below(900)}`);
  const table = filePart("figures.csv", "text/csv", Buffer.from(lines(["item,amount", ...rows])));
  return multipart("mixed", `figures-${chance.hex(12)}`, [text, table]);
}
