import fc from "fast-check";
import type { EnvelopeRecipient, RecipientRelation, RecipientRole } from "#core/index.ts";

/** What a report that is written states; the same that is read of it. */
export interface WrittenReport {
  dialect: "eej2007" | "eej2003";
  /** The transfer encoding of the report's text. */
  encoding: "8bit" | "base64" | "quoted-printable";
  sender: string;
  messageId: string;
  subject: string | null;
  recipients: EnvelopeRecipient[];
  /** The wrapped message, which must not hold the boundary. */
  message: Uint8Array;
}

const words: Record<RecipientRole, string> = { to: "To", cc: "Cc", bcc: "Bcc", unknown: "Recipient" };
const relations: Record<RecipientRelation, string> = {
  direct: "",
  expanded: ", Expanded: ",
  forwarded: ", Forwarded: ",
};
const boundary = "=_report_boundary_17";

/** The bytes of a journal report, from what Exchange documents and not from how it is read here. */
export function writeReport(report: WrittenReport): Buffer {
  const text = report.dialect === "eej2007" ? laterText(report) : legacyText(report);
  const marker = report.dialect === "eej2007" ? "X-MS-Journal-Report:" : "Content-Identifer: ExJournalReport";
  const head = [
    marker,
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ...["", `--${boundary}`],
    "Content-Type: text/plain; charset=utf-8",
    `Content-Transfer-Encoding: ${report.encoding}`,
    ...["", encoded(text, report.encoding)],
    `--${boundary}`,
    ...["Content-Type: message/rfc822", "", ""],
  ];
  return Buffer.concat([Buffer.from(head.join("\r\n")), report.message, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

/** A bounce around a report, as the alternate mailbox for undeliverable reports gets it. */
export function writeBounce(report: Uint8Array): Buffer {
  const head = [
    "From: Microsoft Outlook <postmaster@example.com>",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="=_bounce"',
    ...["", "--=_bounce", "Content-Type: text/plain", "", "could not be delivered"],
    ...["--=_bounce", "Content-Type: message/delivery-status", "", "Action: failed", ""],
    ...["--=_bounce", "Content-Type: message/rfc822", "", ""],
  ];
  return Buffer.concat([Buffer.from(head.join("\r\n")), report, Buffer.from("\r\n--=_bounce--\r\n")]);
}

function laterText({ sender, subject, messageId, recipients }: WrittenReport): string {
  const lines = recipients.map(
    ({ role, address, relation, via }) => `${words[role]}: ${address}${relations[relation]}${via ?? ""}`,
  );
  const subjects = subject === null ? [] : [`Subject: ${subject}`];
  return [`Sender: ${sender}`, ...subjects, `Message-Id: ${messageId}`, ...lines, ""].join("\r\n");
}

function legacyText({ sender, messageId, recipients }: WrittenReport): string {
  const lines = recipients.map(({ address }) => `\t"Some, Body" <${address}>`);
  return [`Sender: "Ann" <${sender}>`, `Message-ID: ${messageId}`, "Recipients:", ...lines, ""].join("\r\n");
}

function encoded(text: string, encoding: WrittenReport["encoding"]): string {
  const bytes = Buffer.from(text);
  if (encoding === "8bit") return text;
  if (encoding === "base64") return bytes.toString("base64").replace(/.{76}/g, "$&\r\n");
  const octets = [...bytes].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`);
  return octets.map((octet, index) => (index % 24 === 23 ? `${octet}=\r\n` : octet)).join("");
}

const address = fc.oneof(
  fc.emailAddress(),
  fc.constantFrom("jürgen@bücher.example", "用户@例子.example", '"a, b"@x.example'),
);
const roles = fc.constantFrom<RecipientRole>("to", "cc", "bcc", "unknown");
const redirections = fc.constantFrom<RecipientRelation>("direct", "expanded", "forwarded");
const message = fc
  .uint8Array({ minLength: 1, maxLength: 200 })
  .map((noise) => Buffer.concat([Buffer.from("Subject: s\r\n\r\n."), noise]));

/** Reports of either form, in each transfer encoding, around any message. */
export const anyReport: fc.Arbitrary<WrittenReport> = fc
  .record({
    dialect: fc.constantFrom<WrittenReport["dialect"]>("eej2007", "eej2003"),
    encoding: fc.constantFrom<WrittenReport["encoding"]>("8bit", "base64", "quoted-printable"),
    sender: fc.emailAddress(),
    messageId: fc.uuid().map((id) => `<${id}@example.com>`),
    subject: fc.constantFrom("Offer 17", "To: forged@example.com", "Größe 五", ""),
    people: fc.array(fc.record({ address, role: roles, relation: redirections, list: address }), {
      minLength: 1,
      maxLength: 12,
    }),
    message,
  })
  .map(({ people, subject, ...rest }) => ({
    ...rest,
    subject: rest.dialect === "eej2003" ? null : subject,
    recipients: people.map(({ list, ...one }): EnvelopeRecipient => {
      // The older form has no word for either.
      if (rest.dialect === "eej2003")
        return { address: one.address, role: "unknown", relation: "direct", via: null, source: "report" };
      return { ...one, via: one.relation === "direct" ? null : list, source: "report" };
    }),
  }));
