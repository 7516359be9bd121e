import type { Instant, Mailbox } from "#core/index.ts";
import { type Chance, chanceFrom } from "./chance.ts";
import { chartPng } from "./chart.ts";
import { type ReportDraft, type Stated, writeReport } from "./journal-report.ts";
import { ada, bruno, chidi, crewList, dana, eve, farid, greta, hugo, ines, jonas, support } from "./people.ts";
import { type Draft, filePart, lines, multipart, textPart, writeMail } from "./write-mail.ts";

/** One mail to send. */
export interface Sample {
  /** What it shows. */
  name: string;
  /** The connector it is for: the one that takes journal reports, or the one that takes copies of mail. */
  connector: "reports" | "copies";
  /** Sender of the transfer; empty is the null sender, which Exchange sends reports with. */
  mailFrom: string;
  /** CRLF line ends throughout. */
  bytes: Buffer;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Mail of our own making that shows what an archive meets, the one with a Bcc-only recipient first. The same seed and
 * time give the same bytes.
 *
 * @param now the time the mail is to be sent at; its dates lie before that
 */
export function sampleMail(seed: number, now: Instant): Sample[] {
  const making: Making = { chance: chanceFrom(seed), now };
  const chart = surveyReport(making);
  return [
    bccReport(making),
    expandedReport(making),
    forwardedReport(making),
    onBehalfReport(making),
    chart,
    arabicReport(making),
    hebrewReport(making),
    emojiReport(making),
    newsletterReport(making),
    ...forkedReports(making),
    { ...chart, name: "the same report again" },
    oldReport(making),
    brokenMessageReport(making),
    ordinaryMail(making),
    unreadableReport(making),
    ...copies(making),
  ];
}

interface Making {
  chance: Chance;
  now: Instant;
}

/** A report over a message, in the way all samples have it. */
function report(
  { chance, now }: Making,
  name: string,
  ageMs: number,
  message: Omit<Draft, "sentAt" | "messageId">,
  more: Pick<ReportDraft, "recipients"> & Partial<ReportDraft>,
): Sample {
  const sentAt = (now - ageMs) as Instant;
  const draft: Draft = { ...message, sentAt, messageId: freshId(chance, message.from) };
  return reportOver({ chance, now }, name, draft, writeMail(draft), more);
}

function reportOver(
  { chance }: Making,
  name: string,
  draft: Omit<Draft, "content">,
  message: string,
  more: Pick<ReportDraft, "recipients"> & Partial<ReportDraft>,
): Sample {
  const { from, to, subject, messageId, sentAt } = draft;
  const reportedAt = (sentAt + reportDelayMs) as Instant;
  const text = writeReport({
    ...{ from, to, subject, messageId, reportedAt, message, unique: chance.hex(32) },
    ...more,
  });
  return { name, connector: "reports", mailFrom: "", bytes: Buffer.from(text, "latin1") };
}

/** From a message to the report on it. */
const reportDelayMs = 5_000;

function freshId(chance: Chance, { address }: Mailbox): string {
  return `${chance.hex(16)}@mail.${address.slice(address.indexOf("@") + 1)}`;
}

function direct(role: Stated["role"], ...people: readonly Mailbox[]): Stated[] {
  return people.map(({ address }) => ({ address, role, relation: "direct", via: null }));
}

function expanded(list: Mailbox, ...members: readonly Mailbox[]): Stated[] {
  return members.map(({ address }) => ({ address, role: "to", relation: "expanded", via: list.address }));
}

function bccReport(making: Making): Sample {
  return report(
    making,
    "a recipient that only the envelope knows (Bcc)",
    12 * minuteMs,
    {
      from: ada,
      to: [bruno, ines],
      cc: [chidi],
      subject: "Quay 7 lease: fourth draft",
      content: textPart(
        "Bruno, Ines,\n\nthe fourth draft has the longer notice period and the old rent. Please read clause 9\n" +
          "before Thursday; nothing else has moved.\n\nAda\n",
      ),
    },
    { recipients: [...direct("to", bruno, ines), ...direct("cc", chidi), ...direct("bcc", eve)] },
  );
}

function expandedReport(making: Making): Sample {
  return report(
    making,
    "a distribution list, expanded",
    2 * dayMs,
    {
      from: greta,
      to: [crewList],
      subject: "Crane inspection on Monday",
      content: textPart(
        "All,\n\nthe big crane stands still on Monday from 7 to 11. Plan the lifts around it.\n\nGreta\n",
      ),
    },
    { recipients: expanded(crewList, bruno, hugo, farid, dana) },
  );
}

function forwardedReport(making: Making): Sample {
  return report(
    making,
    "forwarded by a rule",
    3 * dayMs,
    {
      from: jonas,
      to: [support],
      subject: "Berth booking does not take our length",
      content: textPart("Hello,\n\nthe form says 40 m is too long for berth 12. It was not in May.\n\nJonas Brandt\n"),
    },
    { recipients: [{ address: hugo.address, role: "unknown", relation: "forwarded", via: support.address }] },
  );
}

function onBehalfReport(making: Making): Sample {
  return report(
    making,
    "sent on behalf of somebody",
    4 * dayMs,
    {
      from: hugo,
      to: [jonas],
      subject: "Appointment with Ada Lindqvist",
      content: textPart("Dear Jonas,\n\nAda proposes Tuesday at ten, at the slipway.\n\nHugo, for Ada\n"),
    },
    { onBehalfOf: ada.address, recipients: direct("to", jonas) },
  );
}

function surveyReport(making: Making): Sample {
  const { chance } = making;
  const depths = Array.from({ length: 12 }, () => 4 + chance.below(60) / 10);
  const table = lines(["section,depth_m", ...depths.map((depth, index) => `${index + 1},${depth.toFixed(1)}`)]);
  return report(
    making,
    "a table and a picture attached",
    26 * 60 * minuteMs,
    {
      from: ines,
      to: [ada],
      cc: [bruno],
      subject: "Survey of the basin: figures and chart",
      content: multipart("mixed", `survey-${chance.hex(12)}`, [
        textPart(
          "Dear Ada,\n\nattached are the depths by section, and a chart of them. Section 3 is silting up.\n\nInês\n",
        ),
        filePart("basin-depths.csv", "text/csv", Buffer.from(table)),
        filePart("basin-depths.png", "image/png", chartPng(depths)),
      ]),
    },
    { recipients: direct("unknown", ada, bruno) },
  );
}

function arabicReport(making: Making): Sample {
  return report(
    making,
    "an Arabic subject, right to left",
    5 * dayMs,
    {
      from: farid,
      to: [chidi],
      subject: "عرض أسعار خشب البلوط للرصيف السابع",
      content: textPart("السيد تشيدي،\n\nوصل عرض الأسعار اليوم: 18 طنًا بسعر 940 للطن. أنتظر موافقتك.\n\nفريد\n"),
    },
    { recipients: direct("to", chidi) },
  );
}

function hebrewReport(making: Making): Sample {
  return report(
    making,
    "a Hebrew subject with a number and Latin letters in it",
    6 * dayMs,
    {
      from: dana,
      to: [greta],
      subject: "שרטוט 14B של הסיפון מוכן לבדיקה",
      content: textPart("גרטה, שלום\n\nהשרטוט החדש של הסיפון מוכן. נא לבדוק עד יום ראשון.\n\nדנה\n"),
    },
    { recipients: direct("to", greta) },
  );
}

function emojiReport(making: Making): Sample {
  return report(
    making,
    "emoji in the subject",
    30 * minuteMs,
    {
      from: bruno,
      to: [crewList],
      subject: "Launch day! 🚢🎉 Bring boots 👩🏽‍🔧 and a coat 🌧️",
      content: textPart("The ferry goes down the slip at noon. Cake afterwards. 🍰\n\nBruno\n"),
    },
    { recipients: expanded(crewList, greta, hugo, farid, dana) },
  );
}

function newsletterReport(making: Making): Sample {
  const { chance } = making;
  const press: Mailbox = { name: "Tide & Timber", address: "letter@kestrel.example" };
  const reader = chance.hex(12);
  const html = [
    "<!doctype html>",
    "<html><head><title>Tide &amp; Timber</title>",
    `<script src="https://tracker.example/open.js"></script></head>`,
    '<body style="font-family: serif; background: url(https://tracker.example/paper.png)">',
    "<h1>Tide &amp; Timber, spring letter</h1>",
    `<img src="https://tracker.example/pixel.gif?reader=${reader}" width="1" height="1" alt="">`,
    '<p>Oak is <b>cheaper</b> than last year, larch is not. <a href="https://kestrel.example/prices">All prices</a></p>',
    '<img src="https://kestrel.example/yard.jpg" width="480" alt="The yard in the morning">',
    "<script>document.title = 'a script ran';</script>",
    "</body></html>",
    "",
  ].join("\n");
  return report(
    making,
    "a newsletter that would load a tracker and run a script",
    8 * dayMs,
    {
      from: press,
      to: [farid],
      subject: "Tide & Timber: oak is cheaper, larch is not",
      content: multipart("alternative", `letter-${chance.hex(12)}`, [
        textPart("Tide & Timber, spring letter\n\nOak is cheaper than last year, larch is not.\n"),
        textPart(html, "html"),
      ]),
    },
    { recipients: direct("unknown", farid) },
  );
}

/** Exchange reports one message twice when its recipients take different ways. */
function forkedReports(making: Making): Sample[] {
  const { chance, now } = making;
  const draft: Draft = {
    from: chidi,
    to: [ada, jonas],
    cc: [greta],
    subject: "Invoice 2044 is disputed",
    sentAt: (now - 9 * dayMs) as Instant,
    messageId: freshId(chance, chidi),
    content: textPart("Ada,\n\nNorthpier disputes two of the five items. Their reasons are below clause 4.\n\nChidi\n"),
  };
  const message = writeMail(draft);
  return [
    reportOver(making, "a forked report: recipients inside", draft, message, {
      recipients: [...direct("to", ada), ...direct("cc", greta)],
    }),
    reportOver(making, "a forked report: recipients outside", draft, message, { recipients: direct("to", jonas) }),
  ];
}

function oldReport(making: Making): Sample {
  return report(
    making,
    "a report that is 40 days old",
    40 * dayMs,
    {
      from: greta,
      to: [bruno],
      subject: "Paint for the pilot boat",
      content: textPart(
        "Bruno,\n\nwe are one tin short. It hung in a queue somewhere for weeks, like this mail.\n\nGreta\n",
      ),
    },
    { recipients: direct("to", bruno) },
  );
}

/** A quote that is never closed, bytes in no stated encoding, a part that never ends: archived as it is. */
function brokenMessageReport(making: Making): Sample {
  const { chance, now } = making;
  const draft = {
    from: jonas,
    to: [ada],
    subject: "Grüße vom Nordpier",
    sentAt: (now - 7 * dayMs) as Instant,
    messageId: freshId(chance, jonas),
  };
  const message = lines([
    'From: "Jonas Brandt <jonas.brandt@northpier.example>',
    "To: ada.lindqvist@harbour.example,, <",
    "Subject: Gr\xfc\xdfe vom Nordpier",
    "Date: the day before yesterday",
    `Message-ID: <${draft.messageId}>`,
    "this line is no header field",
    'Content-Type: multipart/mixed; boundary="never-closed"',
    "",
    "--never-closed",
    "Content-Type: text/plain; charset=x-harbour-9",
    "",
    "The plan is attached, or what is left of it.",
    "--never-closed",
    'Content-Type: application/octet-stream; name="../../plan.bin"',
    "Content-Transfer-Encoding: base64",
    "",
    "cGxhbg==!!! this is not base64 ???",
  ]);
  return reportOver(making, "a message with broken MIME", draft, message, { recipients: direct("unknown", ada) });
}

function ordinaryMail({ chance, now }: Making): Sample {
  const message = writeMail({
    from: hugo,
    to: [{ name: "", address: "journal@archive.example" }],
    subject: "Is this the address for the archive?",
    sentAt: (now - 3 * 60 * minuteMs) as Instant,
    messageId: freshId(chance, hugo),
    content: textPart("I found this address in the address book. Who reads it?\n\nHugo\n"),
  });
  return {
    name: "ordinary mail where journal reports are expected",
    connector: "reports",
    mailFrom: hugo.address,
    bytes: Buffer.from(message, "latin1"),
  };
}

function unreadableReport(making: Making): Sample {
  return report(
    making,
    "a report whose envelope was lost on the way",
    90 * minuteMs,
    {
      from: eve,
      to: [ada],
      subject: "Clause 9",
      content: textPart("Ada,\n\nclause 9 is fine with me.\n\nEve\n"),
    },
    { recipients: [], text: "The text of this part was removed by a mail gateway.\n" },
  );
}

/** What a mail server like Postfix sends: plain copies, without an envelope. */
function copies({ chance, now }: Making): Sample[] {
  const question: Draft = {
    from: jonas,
    to: [hugo],
    subject: "Winter berth",
    sentAt: (now - 10 * dayMs) as Instant,
    messageId: freshId(chance, jonas),
    content: textPart("Hugo,\n\nis berth 12 free from November?\n\nJonas\n"),
  };
  const answer: Draft = {
    from: hugo,
    to: [jonas],
    cc: [greta],
    subject: "Re: Winter berth",
    sentAt: (now - 9 * dayMs) as Instant,
    messageId: freshId(chance, hugo),
    inReplyTo: question.messageId,
    content: textPart("Jonas,\n\nit is, until the end of March. Greta keeps the list.\n\nHugo\n"),
  };
  return [question, answer].map((draft) => ({
    name: `a plain copy: ${draft.subject}`,
    connector: "copies",
    mailFrom: draft.from.address,
    bytes: Buffer.from(writeMail(draft), "latin1"),
  }));
}
