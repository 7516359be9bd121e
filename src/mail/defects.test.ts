import assert from "node:assert/strict";
import { test } from "node:test";
import { type DefectCode, defectMeanings } from "#core/index.ts";
import { readMessage } from "./index.ts";
import {
  boundaryBytesMax,
  defectRepeatsMax,
  depthMax,
  headerFieldBytesMax,
  headerFieldsMax,
  partsMax,
} from "./limits.ts";

const multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";

interface Case {
  bytes: string;
  /** All codes, in any order. */
  defects: DefectCode[];
  /** Words that search must find all the same. */
  words?: string[];
}

const cases: Record<string, Case> = {
  "an mbox separator": {
    bytes: "From a@x Mon Jan  6 09:00:05 2025\nSubject: s\n\nkiwi",
    defects: ["mbox_from_line"],
    words: ["kiwi"],
  },
  "a quoted mbox separator": { bytes: ">From a@x\nSubject: s\n\nkiwi", defects: ["mbox_from_line"] },
  "a byte order mark": { bytes: "\xef\xbb\xbfSubject: s\n\nkiwi", defects: ["byte_order_mark"] },
  "blank lines before the header": { bytes: "\r\n \r\nSubject: s\n\nkiwi", defects: ["blank_before_header"] },
  "a line without colon in the header": {
    bytes: "X-Note: pear\nkiwi\nX-More: fig\n\nbody",
    defects: ["header_line_stray", "ambiguous"],
    words: ["kiwi", "fig", "body"],
  },
  "blanks where the empty line should be": {
    bytes: "Subject: s\n \nkiwi is read\n \nplum",
    defects: ["header_unended"],
    words: ["kiwi", "plum"],
  },
  "a header that never ends": {
    bytes: "Subject: s\nkiwi pear\nplum fig\n",
    defects: ["header_unended"],
    words: ["kiwi", "fig"],
  },
  "no header at all": { bytes: "kiwi pear", defects: ["header_unended"], words: ["kiwi"] },
  "a blank before the colon": { bytes: "Subject : s\n\n", defects: ["space_before_colon"] },
  "a line folded onto blanks": { bytes: "Subject: s\n \t\n kiwi\n\nbody", defects: ["folded_blank_line"] },
  "a NUL in the header": { bytes: "Subject: s\0\n\nbody", defects: ["nul_in_header"] },
  "mixed line ends": { bytes: "Subject: s\r\nFrom: a@x\n\nbody", defects: ["line_ends_mixed"] },
  "a bare CR in the header": { bytes: "Subject: s\rTo: b@x\r\nFrom: a@x\r\n\r\nbody", defects: ["line_ends_mixed"] },
  "raw bytes that are not UTF-8": { bytes: "Subject: \xfc\n\n", defects: ["header_not_utf8"] },
  "UTF-8 under another label": {
    bytes: "Content-Type: text/html; charset=windows-1252\n\n<b>gr\xc3\xbcn</b>",
    defects: ["ambiguous"],
    words: ["grün", "grÃ¼n"],
  },
  "a broken address list": { bytes: "To: a@x> <b@x\n\n", defects: ["address_malformed"] },
  "a date that is none": { bytes: "Date: soon\n\n", defects: ["date_unreadable"] },
  "two subjects": {
    bytes: "Subject: kiwi\nSubject: pear\n\nbody",
    defects: ["field_duplicate", "ambiguous"],
    words: ["pear"],
  },
  "two senders": { bytes: "From: a@x\nFrom: b@x\n\nbody", defects: ["field_duplicate", "ambiguous"], words: ["b@x"] },
  "two ids": {
    bytes: "Message-ID: <kiwi@x>\nMessage-ID: <pear@x>\n\nbody",
    defects: ["field_duplicate", "ambiguous"],
    words: ["<pear@x>"],
  },
  "two equal senders": { bytes: "From: a@x\nFrom:  a@x\n\nbody", defects: ["field_duplicate"] },
  "two dispositions": {
    bytes: "Content-Disposition: inline\nContent-Disposition: attachment; filename=a.txt\n\nkiwi",
    defects: ["field_duplicate", "ambiguous"],
    words: ["kiwi"],
  },
  "one piece of a message": {
    bytes: 'Content-Type: message/partial; id="a@x"; number=2; total=3\n\nkiwi',
    defects: ["message_partial"],
    words: ["kiwi"],
  },
  "a body that lies elsewhere": {
    bytes:
      'Content-Type: message/external-body; access-type=URL; URL="http://x.example/a"\n\nContent-Type: image/gif\n\nkiwi',
    defects: ["external_body"],
    words: ["kiwi"],
  },
  "broken yEnc": {
    bytes: "Content-Transfer-Encoding: x-yenc\n\nkiwi",
    defects: ["yenc_malformed"],
    words: ["kiwi"],
  },
  "a type that cannot be read": {
    bytes: "Content-Type: ;;\n\nkiwi",
    defects: ["content_type_malformed"],
    words: ["kiwi"],
  },
  "an unknown encoding": {
    bytes: "Content-Transfer-Encoding: rot13\n\nkiwi",
    defects: ["encoding_unknown"],
    words: ["kiwi"],
  },
  "an unknown charset": {
    bytes: "Content-Type: text/plain; charset=x-x\n\nkiwi",
    defects: ["charset_unknown"],
    words: ["kiwi"],
  },
  "a charset that does not fit": {
    bytes: "Content-Type: text/plain; charset=us-ascii\n\n\xfckiwi",
    defects: ["charset_mismatch"],
    words: ["ükiwi"],
  },
  "junk in base64": {
    bytes: "Content-Transfer-Encoding: base64\n\na2l=3aXM=a2l3aQ==",
    defects: ["base64_junk", "ambiguous"],
    words: ["kiwi"],
  },
  "a footer behind base64": {
    bytes: "Content-Transfer-Encoding: base64\n\na2l3aQ==\n-- \nlist, pear",
    defects: ["base64_junk", "ambiguous"],
    words: ["kiwi", "list, pear"],
  },
  "the URL alphabet in base64": {
    bytes: "Content-Transfer-Encoding: base64\n\na2l3aT8_IHBlYXI-Pg==",
    defects: ["base64_junk", "ambiguous"],
    words: ["kiwi?? pear>>"],
  },
  "padding amid base64": {
    bytes: "Content-Transfer-Encoding: base64\n\na2l=3aQ==",
    defects: ["base64_junk", "ambiguous"],
    words: ["kiwi"],
  },
  "junk in the base64 of an attachment": {
    bytes: "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\na2l3\nkiwi!\naQ==",
    defects: ["base64_junk", "ambiguous"],
  },
  "broken quoted-printable": {
    bytes: "Content-Transfer-Encoding: quoted-printable\n\n=kiwi",
    defects: ["quoted_printable_malformed"],
    words: ["kiwi"],
  },
  "broken uuencode": {
    bytes: "Content-Transfer-Encoding: x-uuencode\n\nkiwi",
    defects: ["uuencode_malformed"],
    words: ["kiwi"],
  },
  "an unclosed boundary": { bytes: multipart + "--b\r\n\r\nkiwi", defects: ["boundary_unclosed"], words: ["kiwi"] },
  "a boundary that never occurs": { bytes: multipart + "kiwi", defects: ["boundary_absent"], words: ["kiwi"] },
  "a part behind the end": {
    bytes: multipart + "--b\r\n\r\npear\r\n--b--\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\na2l3aQ==\r\n--b--",
    defects: ["part_after_close", "ambiguous"],
    words: ["pear", "kiwi"],
  },
  "no boundary": {
    bytes: "Content-Type: multipart/mixed\n\n--zz\nContent-Transfer-Encoding: base64\n\na2l3aQ==\n--zz--",
    defects: ["boundary_missing"],
    words: ["kiwi"],
  },
  "the boundary of the multipart around": {
    bytes: multipart + "--b\r\n" + multipart + "--b\r\n\r\nkiwi\r\n--b--\r\n--b\r\n\r\npear\r\n--b--",
    defects: ["boundary_reused", "ambiguous"],
    words: ["kiwi", "pear"],
  },
  "two boundaries": {
    bytes:
      "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\npear\n--b--\n" +
      "--c\nContent-Transfer-Encoding: base64\n\na2l3aQ==\n--c--",
    defects: ["parameter_duplicate", "ambiguous"],
    words: ["pear", "kiwi"],
  },
  "a boundary in segments beside a plain one": {
    bytes:
      "Content-Type: multipart/mixed; boundary=b; boundary*0=c; boundary*1=c\n\n--b\n\npear\n--b--\n" +
      "--cc\nContent-Transfer-Encoding: base64\n\na2l3aQ==\n--cc--",
    defects: ["ambiguous"],
    words: ["pear", "kiwi"],
  },
  "two types": {
    bytes:
      "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\npear\n--b\n" +
      "Content-Transfer-Encoding: base64\n\na2l3aQ==\n--b--",
    defects: ["field_duplicate", "ambiguous"],
    words: ["pear", "kiwi"],
  },
  "two encodings": {
    bytes: "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\na2l3aQ==",
    defects: ["field_duplicate", "ambiguous"],
    words: ["a2l3aQ", "kiwi"],
  },
  "two equal encodings": {
    bytes: "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: base64\n\na2l3aQ==",
    defects: ["field_duplicate"],
    words: ["kiwi"],
  },
  "an encoded message inside": {
    bytes: "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64("Subject: pear\n\nkiwi"),
    defects: ["message_encoded"],
    words: ["pear", "kiwi"],
  },
  "a message that only claims to be encoded": {
    bytes: "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: pear\n\nkiwi",
    defects: ["encoding_ignored"],
    words: ["pear", "kiwi"],
  },
  "an encoded multipart": {
    bytes:
      "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n" + base64("--b\n\nkiwi\n--b--"),
    defects: ["encoding_ignored", "boundary_absent"],
    words: ["kiwi"],
  },
  "names with different extensions": {
    bytes: "Content-Type: image/png; name=a.png\nContent-Disposition: attachment; filename=a.exe\n\n",
    defects: ["filename_conflict"],
  },
  "a name with a path": { bytes: "Content-Type: image/png; name=../a.png\n\n", defects: ["filename_unsafe"] },
  "a field longer than is decoded": {
    bytes: `Subject: ${"a".repeat(headerFieldBytesMax)}\n\n`,
    defects: ["header_field_long"],
  },
  "a boundary longer than is honoured": {
    bytes: `Content-Type: multipart/mixed; boundary=${"b".repeat(boundaryBytesMax + 1)}\n\nkiwi`,
    defects: ["boundary_long", "boundary_missing"],
    words: ["kiwi"],
  },
  "more fields than are listed": {
    bytes: "a:\n".repeat(headerFieldsMax + 1) + "\n",
    defects: ["header_fields_excess"],
  },
  "more addresses than are read": { bytes: `To: ${"a@x,".repeat(10_001)}\n\n`, defects: ["addresses_excess"] },
  "more parts than are read": { bytes: multipart + "--b\n\n".repeat(partsMax) + "--b--", defects: ["parts_exceeded"] },
  "containers nested too deep": {
    bytes: "Content-Type: message/rfc822\n\n".repeat(depthMax + 1),
    defects: ["depth_exceeded"],
  },
  "more text than is kept": { bytes: `\n${"kiwi ".repeat(1_000_000)}`, defects: ["text_truncated"], words: ["kiwi"] },
  "more readings than are made": {
    bytes:
      multipart +
      "--b\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nQQ==\n".repeat(65) +
      "--b--",
    defects: ["field_duplicate", "ambiguous", "readings_excess"],
  },
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

for (const [name, { bytes, defects, words = [] }] of Object.entries(cases)) {
  test(`flags ${name} and reads on`, () => {
    const reading = readMessage(Buffer.from(bytes, "latin1"));
    assert.deepEqual([...new Set(reading.defects.map(({ code }) => code))].sort(), [...defects].sort());
    for (const word of words)
      assert.ok(reading.text.includes(word), `${word} is not in ${JSON.stringify(reading.text)}`);
  });
}

test("every code has a case here that provokes it", () => {
  const provoked = new Set(Object.values(cases).flatMap(({ defects }) => defects));
  assert.deepEqual(
    Object.keys(defectMeanings).filter((code) => !provoked.has(code as DefectCode)),
    [],
  );
});

test("every defect lies within the message", () => {
  for (const { bytes } of Object.values(cases)) {
    for (const { at } of readMessage(Buffer.from(bytes, "latin1")).defects) assert.ok(at >= 0 && at <= bytes.length);
  }
});

test("lists a code as often as it occurs, up to a limit", () => {
  const count = (lines: number) => readMessage(Buffer.from("a : b\n".repeat(lines) + "\n")).defects.length;
  assert.deepEqual([defectRepeatsMax, defectRepeatsMax + 1].map(count), [defectRepeatsMax, defectRepeatsMax]);
});
