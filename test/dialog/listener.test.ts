import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { startSmtp } from "#smtp/index.ts";
import { onStage } from "./peer.ts";
import { countingEntropy, StillClock } from "./still-clock.ts";

const timeout = 20_000;

async function begin(peer: { send(bytes: Uint8Array): void; reply(): Promise<string | null> }): Promise<void> {
  await peer.reply();
  peer.send(Buffer.from("EHLO x\r\n"));
  await peer.reply();
  peer.send(Buffer.from("MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nDATA\r\n"));
  for (const code of ["250", "250", "354"]) assert.equal((await peer.reply())?.slice(0, 3), code);
}

test("the connection above the limit is told 421, and room is made by one that leaves", { timeout }, async () => {
  await onStage({ connectionsMax: 2 }, async ({ peer, logged }) => {
    const first = peer();
    const second = peer();
    assert.match((await first.reply()) ?? "", /^220 /);
    assert.match((await second.reply()) ?? "", /^220 /);
    const third = peer();
    assert.match((await third.reply()) ?? "", /^421 4\.7\.0 /);
    assert.equal(await third.rest(), "");
    first.send(Buffer.from("QUIT\r\n"));
    await first.reply();
    first.hangUp();
    while (logged.every(({ event }) => event !== "smtp-session")) await new Promise((done) => setImmediate(done));
    assert.match((await peer().reply()) ?? "", /^220 /);
  });
});

test("an aborted stop cuts what is open and keeps nothing of it", { timeout }, async () => {
  const { intake, logged } = await onStage({}, async ({ peer, listener }) => {
    const sender = peer();
    await begin(sender);
    const hurry = new AbortController();
    const stopped = listener.stop(hurry.signal);
    hurry.abort();
    await stopped;
    assert.equal(await sender.reply(), null);
  });
  assert.equal(intake.abandoned, 1);
  assert.deepEqual(
    logged.map(({ fields }) => fields.ending),
    ["hurried"],
  );
});

test("a stop that is aborted beforehand still waits for the sessions to end", { timeout }, async () => {
  await onStage({}, async ({ peer, listener, logged }) => {
    await begin(peer());
    await listener.stop(AbortSignal.abort());
    assert.equal(logged.length, 1);
  });
});

test("a stopped listener takes no connection", { timeout }, async () => {
  await onStage({}, async ({ peer, listener }) => {
    await listener.stop(new AbortController().signal);
    assert.equal(await peer().reply(), null);
  });
});

test("a sender that closes its side before its mail is durable still gets the 250", { timeout }, async () => {
  await onStage({}, async ({ peer, intake }) => {
    const sender = peer();
    await begin(sender);
    const gate = Promise.withResolvers<void>();
    intake.gate = gate.promise;
    sender.send(Buffer.from("x\r\n.\r\n"));
    sender.hangUp();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
    gate.resolve();
    assert.match((await sender.reply()) ?? "", /^250 2\.0\.0 stored durably/);
  });
});

test("forty senders at once are each answered, and no mail is mixed up with another", { timeout }, async () => {
  const { intake } = await onStage({}, async ({ peer }) => {
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const sender = peer();
        await begin(sender);
        const line = `${index} `.repeat(20_000);
        for (let at = 0; at < line.length; at += 10_000) sender.send(Buffer.from(line.slice(at, at + 10_000)));
        sender.send(Buffer.from("\r\n.\r\n"));
        assert.match((await sender.reply()) ?? "", /^250 2\.0\.0 stored durably/);
      }),
    );
  });
  const bodies = intake.items.map(({ bytes }) => bytes.toString()).sort();
  const expected = Array.from({ length: 40 }, (_, index) => `${`${index} `.repeat(20_000)}\r\n`).sort();
  assert.ok(bodies.every((body, index) => body === expected[index]) && bodies.length === 40);
  assert.equal(new Set(intake.items.map(({ arrival }) => arrival.receipt)).size, 40);
});

test("a port that is taken is a failure that may pass", { timeout }, async () => {
  await onStage({}, async ({ listener, intake }) => {
    const options = { host: "127.0.0.1", port: listener.port, hostname: "archive.test", intake, log: () => {} };
    await assert.rejects(
      startSmtp({ ...options, clock: new StillClock(), entropy: countingEntropy() }),
      (error) => isFailure(error, "SMTP-LISTEN") && error.retry === "later",
    );
  });
});
