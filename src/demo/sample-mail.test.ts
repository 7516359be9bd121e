import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import type { Instant } from "#core/index.ts";
import { unwrap } from "#journal/index.ts";
import { decodePart, type MailReading, readMessage } from "#mail/index.ts";
import { type Sample, sampleMail } from "./sample-mail.ts";

const now = Date.UTC(2026, 2, 3, 9, 30) as Instant;
const dayMs = 24 * 60 * 60 * 1000;
const samples = sampleMail(7, now);

function sampleNamed(name: string): Sample {
  const found = samples.find((sample) => sample.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

/** The message in a report, and what the report says of its envelope: `role address[, relation via]`. */
function unwrapped({ name, bytes }: Sample) {
  const outer = readMessage(bytes);
  const found = unwrap(bytes, outer);
  assert.equal(found.kind, "report", name);
  assert.ok(found.kind === "report");
  assert.equal(found.decoded, null);
  const inner = bytes.subarray(found.inner.start, found.inner.end);
  return {
    outer,
    inner,
    message: readMessage(inner),
    confidence: found.confidence,
    onBehalfOf: found.envelope.onBehalfOf,
    envelope: found.envelope.recipients.map(({ role, address, relation, via }) =>
      relation === "direct" ? `${role} ${address}` : `${role} ${address}, ${relation} ${via}`,
    ),
  };
}

function headerAddresses({ headers }: MailReading): string[] {
  return [...headers.to, ...headers.cc, ...headers.bcc].map(({ address }) => address);
}

/** Of the reports: subject, envelope, addresses in the header, defects of the message. */
const reports: [string, { subject: string; envelope: string[]; header: string[]; defects?: string[] }][] = [
  [
    "a recipient that only the envelope knows (Bcc)",
    {
      subject: "Quay 7 lease: fourth draft",
      envelope: [
        "to bruno.keller@harbour.example",
        "to ines.duarte@kestrel.example",
        "cc chidi.okafor@harbour.example",
        "bcc eve.moreau@harbour.example",
      ],
      header: ["bruno.keller@harbour.example", "ines.duarte@kestrel.example", "chidi.okafor@harbour.example"],
    },
  ],
  [
    "a distribution list, expanded",
    {
      subject: "Crane inspection on Monday",
      envelope: ["bruno.keller", "hugo.park", "farid.haddad", "dana.weiss"].map(
        (name) => `to ${name}@harbour.example, expanded crew@harbour.example`,
      ),
      header: ["crew@harbour.example"],
    },
  ],
  [
    "forwarded by a rule",
    {
      subject: "Berth booking does not take our length",
      envelope: ["unknown hugo.park@harbour.example, forwarded support@harbour.example"],
      header: ["support@harbour.example"],
    },
  ],
  [
    "sent on behalf of somebody",
    {
      subject: "Appointment with Ada Lindqvist",
      envelope: ["to jonas.brandt@northpier.example"],
      header: ["jonas.brandt@northpier.example"],
    },
  ],
  [
    "a table and a picture attached",
    {
      subject: "Survey of the basin: figures and chart",
      envelope: ["unknown ada.lindqvist@harbour.example", "unknown bruno.keller@harbour.example"],
      header: ["ada.lindqvist@harbour.example", "bruno.keller@harbour.example"],
    },
  ],
  [
    "an Arabic subject, right to left",
    {
      subject: "عرض أسعار خشب البلوط للرصيف السابع",
      envelope: ["to chidi.okafor@harbour.example"],
      header: ["chidi.okafor@harbour.example"],
    },
  ],
  [
    "a Hebrew subject with a number and Latin letters in it",
    {
      subject: "שרטוט 14B של הסיפון מוכן לבדיקה",
      envelope: ["to greta.nyman@harbour.example"],
      header: ["greta.nyman@harbour.example"],
    },
  ],
  [
    "emoji in the subject",
    {
      subject: "Launch day! 🚢🎉 Bring boots 👩🏽‍🔧 and a coat 🌧️",
      envelope: ["greta.nyman", "hugo.park", "farid.haddad", "dana.weiss"].map(
        (name) => `to ${name}@harbour.example, expanded crew@harbour.example`,
      ),
      header: ["crew@harbour.example"],
    },
  ],
  [
    "a newsletter that would load a tracker and run a script",
    {
      subject: "Tide & Timber: oak is cheaper, larch is not",
      envelope: ["unknown farid.haddad@harbour.example"],
      header: ["farid.haddad@harbour.example"],
    },
  ],
  [
    "a forked report: recipients inside",
    {
      subject: "Invoice 2044 is disputed",
      envelope: ["to ada.lindqvist@harbour.example", "cc greta.nyman@harbour.example"],
      header: ["ada.lindqvist@harbour.example", "jonas.brandt@northpier.example", "greta.nyman@harbour.example"],
    },
  ],
  [
    "a forked report: recipients outside",
    {
      subject: "Invoice 2044 is disputed",
      envelope: ["to jonas.brandt@northpier.example"],
      header: ["ada.lindqvist@harbour.example", "jonas.brandt@northpier.example", "greta.nyman@harbour.example"],
    },
  ],
  [
    "a report that is 40 days old",
    {
      subject: "Paint for the pilot boat",
      envelope: ["to bruno.keller@harbour.example"],
      header: ["bruno.keller@harbour.example"],
    },
  ],
];

for (const [name, expected] of reports) {
  test(`reads as a report without a fault: ${name}`, () => {
    const sample = sampleNamed(name);
    const { outer, message, envelope, confidence } = unwrapped(sample);
    assert.deepEqual([message.headers.subject, outer.headers.subject], [expected.subject, expected.subject]);
    assert.deepEqual(envelope, expected.envelope);
    assert.deepEqual(headerAddresses(message), expected.header);
    assert.deepEqual([message.defects, outer.defects], [[], []]);
    assert.equal(confidence, 1);
    assert.deepEqual([sample.connector, sample.mailFrom], ["reports", ""]);
  });
}

test("the first sample is the one with a recipient that only the envelope knows", () => {
  assert.equal(samples[0]?.name, "a recipient that only the envelope knows (Bcc)");
});

test("a delegate sends on behalf of somebody, as the report says", () => {
  assert.equal(unwrapped(sampleNamed("sent on behalf of somebody")).onBehalfOf, "ada.lindqvist@harbour.example");
});

test("a table and a picture are attached, and the picture has all its rows", () => {
  const { inner, message } = unwrapped(sampleNamed("a table and a picture attached"));
  const [table, picture] = message.parts.filter(({ filename }) => filename !== null);
  assert.ok(table !== undefined && picture !== undefined);
  assert.deepEqual([table.filename, picture.filename], ["basin-depths.csv", "basin-depths.png"]);
  assert.match(decodePart(inner, table).toString(), /^section,depth_m\r\n1,\d\.\d\r\n/);
  const png = Buffer.from(decodePart(inner, picture));
  assert.equal(png.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [240, 120]);
  const data = png.indexOf("IDAT");
  const pixels = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  assert.equal(pixels.length, 120 * 241);
  assert.deepEqual([...new Set(pixels)].sort(), [0, 1, 2]);
});

test("the newsletter has a remote picture and a script, so that a view can show that neither is loaded", () => {
  const { html } = unwrapped(sampleNamed("a newsletter that would load a tracker and run a script")).message;
  assert.match(html ?? "", /<img src="https:\/\/tracker\.example\/pixel\.gif\?reader=[0-9a-f]{12}"/);
  assert.match(html ?? "", /<script>/);
});

test("two forked reports wrap the same bytes, and the repeated report is the same throughout", () => {
  const [inside, outside] = ["inside", "outside"].map((way) => sampleNamed(`a forked report: recipients ${way}`));
  assert.ok(inside !== undefined && outside !== undefined);
  assert.deepEqual(unwrapped(inside).inner, unwrapped(outside).inner);
  assert.notDeepEqual(inside.bytes, outside.bytes);
  const repeated = sampleNamed("the same report again").bytes;
  assert.deepEqual(repeated, sampleNamed("a table and a picture attached").bytes);
});

test("one report alone is older than 30 days; every other mail is of the last two weeks", () => {
  for (const { name, bytes } of samples) {
    const { date } = readMessage(bytes).headers;
    assert.ok(date !== null, name);
    const days = (now - date) / dayMs;
    if (name === "a report that is 40 days old") assert.ok(days > 39 && days < 41, name);
    else assert.ok(days > 0 && days < 14, name);
  }
});

test("the broken message is unwrapped whole, with its defects", () => {
  const { outer, inner, message, envelope } = unwrapped(sampleNamed("a message with broken MIME"));
  assert.equal(outer.headers.subject, "Grüße vom Nordpier");
  assert.equal(message.headers.subject, "Grüße vom Nordpier");
  assert.deepEqual(envelope, ["unknown ada.lindqvist@harbour.example"]);
  assert.ok(inner.includes(Buffer.from("Gr\xfc\xdfe", "latin1")));
  const codes = new Set(message.defects.map(({ code }) => code));
  for (const code of [
    "address_malformed",
    "boundary_unclosed",
    "charset_unknown",
    "date_unreadable",
    "filename_unsafe",
    "header_line_stray",
    "header_not_utf8",
  ])
    assert.ok(codes.has(code), `${code} in ${[...codes]}`);
});

test("ordinary mail among reports is no report, and a lost envelope is unreadable", () => {
  const ordinary = sampleNamed("ordinary mail where journal reports are expected");
  assert.equal(ordinary.connector, "reports");
  assert.equal(unwrap(ordinary.bytes, readMessage(ordinary.bytes)).kind, "not_report");
  const lost = sampleNamed("a report whose envelope was lost on the way");
  const found = unwrap(lost.bytes, readMessage(lost.bytes));
  assert.equal(found.kind === "unreadable" && found.reason, "envelope_unreadable");
});

test("copies are plain mail without a fault, one the answer to the other", () => {
  const [question, answer] = samples
    .filter(({ connector }) => connector === "copies")
    .map(({ bytes }) => readMessage(bytes));
  assert.ok(question !== undefined && answer !== undefined);
  assert.deepEqual([question.defects, answer.defects], [[], []]);
  assert.equal(answer.headers.inReplyTo, question.headers.messageId);
});

test("every line ends with CRLF and is no longer than 998 octets; a text ends with a line end", () => {
  for (const { name, bytes } of samples) {
    const text = bytes.toString("latin1");
    assert.doesNotMatch(text, /[^\r]\n|\r[^\n]|\r$/, name);
    assert.ok(text.endsWith("\r\n"), name);
    for (const line of text.split("\r\n")) assert.ok(line.length <= 998, name);
  }
});

test("the same seed and time give the same bytes, another seed gives others", () => {
  const digest = (mail: readonly Sample[]) =>
    createHash("sha256")
      .update(Buffer.concat(mail.map(({ bytes }) => bytes)))
      .digest("hex");
  assert.equal(digest(sampleMail(7, now)), digest(samples));
  assert.notEqual(digest(sampleMail(8, now)), digest(samples));
});
