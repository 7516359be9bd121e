import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, exported } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { type Cut, testCuttingProxy } from "../support/cutting-proxy.ts";
import { type Dovecot, testDovecot } from "../support/dovecot.ts";
import { addMailbox, mailOf } from "../support/mailbox.ts";
import { type MailboxArchive, testMailboxArchive } from "../support/mailbox-archive.ts";

interface Counts {
  received: number;
  archived: number;
  processing: number;
}

/** Octets of the message that is cut at its sixteenths. */
const cutMessageBytes = 64_000;

const atCommands: Cut[] = ["CAPA", "AUTH", "STAT", "LIST", "UIDL", "RETR", "DELE", "TOP", "QUIT"].flatMap((text) => [
  { kind: "before-client-says" as const, text },
  { kind: "before-answer-to" as const, text },
]);

/** The greeting, and each sixteenth of the first message; the 400 octets before it are the talk of login and listing. */
const atOctets: Cut[] = [1, ...Array.from({ length: 16 }, (_, at) => 400 + ((at + 1) * cutMessageBytes) / 16)].map(
  (octets) => ({ kind: "after-server-octets" as const, octets: Math.round(octets) }),
);

/**
 * What a cut left: each message that was ever sent lies in the mailbox or is archived. No archived one is archived twice, since the
 * end of the test counts receipts, which never go away.
 */
async function assertNothingGone({ client }: MailboxArchive, dovecot: Dovecot, sent: number, place: string) {
  let counts = await client.get<Counts>("/status");
  while (counts.processing > 0) counts = await client.get<Counts>("/status");
  const both = counts.archived + dovecot.count();
  assert.ok(both >= sent, `${place}: ${sent} were sent, ${counts.archived} are archived, ${dovecot.count()} are left`);
  assert.ok(counts.received <= sent, `${place}: ${sent} were sent, ${counts.received} were taken`);
}

test("a connection cut around any command and at each sixteenth of a message loses nothing and takes nothing twice, through the running server", async (context) => {
  const dovecot = await testDovecot(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  const archive = await testMailboxArchive(context);
  const { folder, data, client, drain } = archive;
  const { id } = await addMailbox(data, { port: proxy.port });
  await drain(id);
  const sent: Buffer[] = [];
  const deliver = (name: string) => {
    const messages = [mailOf(`${name} 1`, cutMessageBytes), mailOf(`${name} 2`, 2_000), mailOf(`${name} 3`)];
    dovecot.deliver(messages);
    sent.push(...messages);
  };
  for (const cut of [...atCommands, ...atOctets]) {
    const place = JSON.stringify(cut);
    deliver(place);
    if ("text" in cut && cut.text === "TOP") {
      // Only what was archived by an earlier session is compared by its header before it is deleted.
      proxy.cutAt({ kind: "before-client-says", text: "QUIT" }, "down");
      await drain(id);
      assert.equal(dovecot.count(), 3, place);
    }
    proxy.cutAt(cut, "down");
    await drain(id);
    assert.ok(proxy.hasCut, place);
    await assertNothingGone(archive, dovecot, sent.length, place);
    proxy.cutAt(null);
    const { left, failed, problem } = await drain(id);
    assert.deepEqual([left, failed, problem], [0, 0, null], place);
    assert.equal(dovecot.count(), 0, place);
  }
  const status = await client.get<Counts>("/status");
  assert.deepEqual([status.received, status.archived], [sent.length, sent.length]);
  const all = await exported(data, "*", join(folder, "out"));
  for (const bytes of sent) assert.ok(all.has(sha256(bytes)));
  assert.equal(all.size, sent.length);
  await assertSound(data);
});

test("a server that dies while its connection is cut forgets nothing that matters: nothing lost, nothing twice", async (context) => {
  const dovecot = await testDovecot(context);
  const proxy = await testCuttingProxy(context, dovecot.pop3Port);
  const archive = await testMailboxArchive(context);
  const { folder, data, client, drain } = archive;
  const { id } = await addMailbox(data, { port: proxy.port });
  await drain(id);
  const sent: Buffer[] = [];
  for (const text of ["RETR", "DELE", "QUIT"]) {
    const messages = [1, 2, 3].map((number) => mailOf(`${text} ${number}`, 2_000));
    dovecot.deliver(messages);
    sent.push(...messages);
    proxy.cutAt({ kind: "before-answer-to", text }, "down");
    // Whoever asked for the run is not answered any more.
    const asked = drain(id).catch(() => null);
    await proxy.cut;
    await archive.restart();
    await asked;
    await assertNothingGone(archive, dovecot, sent.length, text);
    proxy.cutAt(null);
    const { left, failed, problem } = await drain(id);
    assert.deepEqual([left, failed, problem], [0, 0, null], text);
    assert.equal(dovecot.count(), 0, text);
  }
  const status = await client.get<Counts>("/status");
  assert.deepEqual([status.received, status.archived], [sent.length, sent.length]);
  const all = await exported(data, "*", join(folder, "out"));
  for (const bytes of sent) assert.ok(all.has(sha256(bytes)));
  await assertSound(data);
});
