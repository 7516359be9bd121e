import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFile, corpusFolder } from "../../test/corpus.ts";
import { readMessage } from "../mail/index.ts";
import { readSources } from "./read-sources.ts";

/** What lies in the files of Outlook, Apple Mail and mboxes in the corpus: the subjects of messages, or what else is found. */
async function subjectsIn(folder: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const one of readSources([join(corpusFolder, folder)])) {
    const [name = ""] = one.label.slice(join(corpusFolder, folder).length + 1).split(": ");
    found[name] ??= [];
    if (one.kind === "variant") continue;
    if (one.kind !== "message") {
      found[name].push(one.kind);
      continue;
    }
    const parts: Uint8Array[] = [];
    for await (const piece of one.bytes()) parts.push(piece);
    const bytes = Buffer.concat(parts);
    const isOutlook = /\.(?:msg|pst)$/.test(name);
    found[name].push(isOutlook ? "message of Outlook" : readMessage(bytes).headers.subject);
    if (name.endsWith(".msg")) assert.deepEqual(bytes, corpusFile(join(folder, name)));
  }
  return found;
}

test("the .emlx files of the corpus are read", async () => {
  assert.deepEqual(await subjectsIn("outlook-emlx"), {
    "plaintext.emlx": ["Re: Emlx library"],
    "richtext.emlx": ["Re: Emlx library"],
  });
});

test("every .msg of the corpus is a message, octet for octet, and the expectations beside them are none", async () => {
  const found = await subjectsIn("outlook-msgreader");
  for (const [name, subjects] of Object.entries(found))
    assert.deepEqual(subjects, [name.endsWith(".msg") ? "message of Outlook" : "ignored"], name);
});

test("everything in Tika's Outlook folder is found as what it is", async () => {
  const about = "Re: question about when shuffle/sort start working";
  const outlook = ["message of Outlook"];
  const jira = ["[jira] Commented: (TIKA-461) RFC822 messages not parsed"];
  assert.deepEqual(await subjectsIn("outlook-tika"), {
    "complex.mbox": [about, about, about],
    "headers.mbox": ["subject"],
    "multiline.mbox": [""],
    "multiline2.mbox": [""],
    "quoted.mbox": [""],
    "simple.mbox": ["", ""],
    "single_mail.mbox": [""],
    "test-outlook.msg": outlook,
    "test-outlook2003.msg": outlook,
    "testEMLX.emlx": jira,
    "testEML_embedded_xhtml_and_img.eml": ["This is the subject"],
    "testEmailWithPNGAtt.eml": ["Test Attachment Email"],
    "testGroupWiseEml.eml": ["test333"],
    "testLotusEml.eml": [""],
    "testMBOX_complex.mbox": ["xxxxxxx"],
    "testMBOX_lengthy_x-headers.mbox": ["RE: Var simulation"],
    "testMSG.msg": outlook,
    "testMSG_Appointment.msg": outlook,
    "testMSG_att_doc.msg": outlook,
    "testMSG_att_msg.msg": outlook,
    "testMSG_chinese.msg": outlook,
    "testMSG_forwarded.msg": outlook,
    "testPST.pst": Array<string>(7).fill("message of Outlook"),
    "testRFC822_dkim.eml": ["Is dinner ready?"],
    testRFC822_encrypted_zip: ["Test mail for Tika"],
    "testRFC822_multipart_attachments.eml": ["EML 1"],
    "testRFC822_x-.eml": jira,
    "testThunderbirdEml.eml": ["JUnit test message"],
    "testWINMAIL.dat": ["ignored"],
  });
});
