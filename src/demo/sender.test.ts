import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { onStage } from "../../test/dialog/peer.ts";
import { furtherReport } from "./further-report.ts";
import { sampleMail } from "./sample-mail.ts";
import { createSender } from "./sender.ts";

const timeout = 20_000;
const now = Date.UTC(2026, 2, 3, 9, 30) as Instant;

test("every mail arrives with the very bytes and the sender it has, dots and odd octets included", {
  timeout,
}, async () => {
  const dots = { mailFrom: "", bytes: Buffer.from("Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n\xff\r\n", "latin1") };
  const mail = [...sampleMail(7, now), furtherReport(7, 0, now), dots];
  const { intake } = await onStage({}, async ({ listener }) => {
    const sender = createSender(listener.host, listener.port);
    for (const one of mail) await sender.send(one, "journal@acme.test");
  });
  assert.equal(intake.items.length, mail.length);
  for (const [index, { bytes, mailFrom }] of mail.entries()) {
    const item = intake.items[index];
    assert.deepEqual(item?.bytes, bytes);
    assert.equal(item?.arrival.hop.mailFrom, mailFrom);
  }
});

test("a recipient that is not taken, and one that is deferred, are told with the listener's words", {
  timeout,
}, async () => {
  await onStage({}, async ({ listener }) => {
    const sender = createSender(listener.host, listener.port);
    const mail = { mailFrom: "", bytes: Buffer.from("\r\n") };
    await assert.rejects(sender.send(mail, "nobody@acme.test"), { message: /^550 / });
    await assert.rejects(sender.send(mail, "paused@acme.test"), { message: /^45\d / });
  });
});
