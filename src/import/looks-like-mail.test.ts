import assert from "node:assert/strict";
import { test } from "node:test";
import { headBytes, looksLikeMail } from "./looks-like-mail.ts";

const mails: [string, string][] = [
  ["1", "Subject: x\n\n"],
  ["1", "Strange: x\n\n"],
  ["1", "From a Tue Jul 23 19:39:23 2002\nSubject: x\n\n"],
  ["1", "\r\n\r\nSubject: x\r\n\r\n"],
  ["1", "\u{feff}Subject: x\n\n"],
  ["1", " From: broken\nno field at all\nsubject : x\n\n"],
  ["1", "Return-Path: <a>\rSubject: x\r\r"],
  ["1", "Received:\n from a\n\n"],
  ["a.eml", "no field at all"],
  ["A.EML", "\u0000\u0001"],
];
const others: [string, string][] = [
  ["README.md", "# Mail\n\nSubject: not a header\n"],
  ["INDEX.csv", "archive,member,subject\na.tar.gz,b.eml,Re: x\n"],
  ["a.ics", "BEGIN:VCALENDAR\nVERSION:2.0\n"],
  ["a.json", '{\n  "from": "a"\n}\n'],
  ["a.html", "<html>\n<p>From: a\n"],
  ["a.png", "\u0089PNG\r\n\u001a\n"],
  ["a.txt", "some text\nof lines\n"],
  ["a.zip", "PK\u0003\u0004"],
  ["._a.eml", "\u0000\u0005\u0016\u0007"],
  ["a.eml", ""],
];

test("mail is known by its name or by a header field among its first lines", () => {
  for (const [name, head] of mails) {
    assert.deepEqual(looksLikeMail(name, Buffer.from(head)), { isMail: true }, JSON.stringify(head));
  }
});

test("what is no mail is refused with a reason", () => {
  for (const [name, head] of others) {
    const seen = looksLikeMail(name, Buffer.from(head, "latin1"));
    assert.ok(!seen.isMail && seen.reason.length > 0, `${name} ${JSON.stringify(head)}`);
  }
});

test("a header field after the first empty line does not make a text mail", () => {
  assert.equal(looksLikeMail("a", Buffer.from("text\n\nSubject: x\n")).isMail, false);
});

test("a hostile head of any bytes is judged without fault", () => {
  for (let byte = 0; byte < 256; byte += 1) looksLikeMail("a", Buffer.alloc(headBytes, byte));
});
