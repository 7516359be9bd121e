import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "#mail/index.ts";
import { writeBounce, writeReport } from "../../test/support/report-writer.ts";
import { isReportComeBack } from "./loop.ts";

const mail = Buffer.from("From: ann@example.com\r\nSubject: hello\r\n\r\nHello.\r\n");
const report = writeReport({
  ...{
    dialect: "eej2007",
    encoding: "8bit",
    sender: "ann@example.com",
    messageId: "<1@example.com>",
    subject: "hello",
  },
  recipients: [{ address: "bob@example.com", role: "to", relation: "direct", via: null, source: "report" }],
  message: mail,
});
const headerOnly = (header: string) =>
  Buffer.from(
    [
      "From: MAILER-DAEMON@example.com",
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      ...["", "--b", "Content-Type: message/delivery-status", "", "Action: failed", ""],
      ...["--b", "Content-Type: text/rfc822-headers", "", header, "--b--", ""],
    ].join("\r\n"),
  );

const withoutMessage = Buffer.from(
  [
    "X-MS-Journal-Report:",
    'Content-Type: multipart/mixed; boundary="r"',
    ...["", "--r", "Content-Type: text/plain", "", "Sender: ann@example.com", "To: bob@example.com", "--r--", ""],
  ].join("\r\n"),
);

const messages: [string, Buffer, boolean][] = [
  ["a bounce of a report", writeBounce(report), true],
  ["a bounce of a report's header", headerOnly("X-MS-Journal-Report:\r\nSubject: hello\r\n"), true],
  ["a bounce of a report without the message it should wrap", writeBounce(withoutMessage), true],
  ["a bounce of ordinary mail", writeBounce(mail), false],
  ["a bounce of ordinary mail's header", headerOnly("Subject: hello\r\n"), false],
  [
    "a report that a person sends on",
    Buffer.from(
      writeBounce(report)
        .toString()
        .replace(/^From: .*$/m, "From: ann@example.com")
        .replace("message/delivery-status", "text/plain"),
    ),
    false,
  ],
  ["ordinary mail", mail, false],
  ["nothing", Buffer.alloc(0), false],
];

for (const [what, bytes, expected] of messages) {
  test(`${what} is ${expected ? "" : "not "}a report that came back`, () => {
    assert.equal(isReportComeBack(bytes, readMessage(bytes)), expected);
  });
}
