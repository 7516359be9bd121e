import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { startSmtp } from "#smtp/index.ts";
import { onStage, testCertificate } from "./peer.ts";
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

test("strangers of one address are told 421 above their limit, and expected senders are not", { timeout }, async () => {
  const more = { isPreferred: (address: string) => address === "127.0.0.9" };
  const limits = { connectionsPerAddressMax: 2, connectionsOfOthersMax: 3 };
  const { logged } = await onStage(
    limits,
    async ({ peer }) => {
      const codes: (string | undefined)[] = [];
      for (const from of [
        "127.0.0.2",
        "127.0.0.2",
        "127.0.0.2",
        "127.0.0.3",
        "127.0.0.4",
        ...Array(4).fill("127.0.0.9"),
      ]) {
        codes.push((await peer(from).reply())?.slice(0, 3));
      }
      assert.deepEqual(codes, ["220", "220", "421", "220", "421", "220", "220", "220", "220"]);
    },
    more,
  );
  const refused = logged.filter(({ event }) => event === "smtp-connection-refused");
  assert.deepEqual(
    refused.map(({ fields }) => [fields.reason, fields.unlogged]),
    [["too many connections from this address", 0]],
  );
});

test("connections through a proxy are counted by the address it speaks for", { timeout }, async () => {
  await onStage(
    { connectionsPerAddressMax: 1 },
    async ({ peer }) => {
      const through = async (address: string) => {
        const proxy = peer();
        proxy.send(Buffer.from(`PROXY TCP4 ${address} 198.51.100.1 4711 25\r\n`));
        return (await proxy.reply())?.slice(0, 3);
      };
      assert.deepEqual(
        [await through("192.0.2.1"), await through("192.0.2.2"), await through("192.0.2.1")],
        ["220", "220", "421"],
      );
    },
    { proxies: ["127.0.0.0/8"] },
  );
});

test("where TLS comes first, one above the limit is closed without a word", { timeout }, async () => {
  await onStage(
    { connectionsPerAddressMax: 1 },
    async ({ peer }) => {
      const first = peer();
      assert.ok(await first.secure());
      assert.match((await first.reply()) ?? "", /^220 /);
      assert.equal(await peer().rest(), "");
    },
    { certificate: () => testCertificate(), isTlsFirst: true },
  );
});

test("a stop waits neither for a handshake nor for a proxy's header", { timeout }, async () => {
  for (const more of [{ certificate: () => testCertificate(), isTlsFirst: true }, { proxies: ["127.0.0.1"] }]) {
    await onStage(
      {},
      async ({ peer, listener }) => {
        const silent = peer();
        silent.send(Buffer.from(more.isTlsFirst ? "\x16\x03\x01" : "PROXY", "latin1"));
        // Another that is served shows that the first has been accepted.
        const other = peer();
        if (more.isTlsFirst) assert.ok(await other.secure());
        else other.send(Buffer.from("PROXY UNKNOWN\r\n"));
        assert.match((await other.reply()) ?? "", /^220 /);
        const stopped = listener.stop(new AbortController().signal);
        assert.equal(await silent.rest(), "");
        assert.match(await other.rest(), /^421 4\.3\.2 /);
        other.hangUp();
        silent.hangUp();
        await stopped;
      },
      more,
    );
  }
});

test("a new certificate is for handshakes that begin after it, and a session under way goes on", {
  timeout,
}, async () => {
  let name: "first" | "second" = "first";
  await onStage(
    {},
    async ({ peer }) => {
      const [before, after] = [peer(), peer()];
      const subjects: string[] = [];
      for (const one of [before, after]) {
        assert.match((await one.reply()) ?? "", /^220 /);
        one.send(Buffer.from("STARTTLS\r\n"));
        assert.match((await one.reply()) ?? "", /^220 /);
        subjects.push(String((await one.secure())?.getPeerCertificate().subject.CN));
        name = "second";
      }
      assert.deepEqual(subjects, ["first.archive.test", "second.archive.test"]);
      before.send(Buffer.from("NOOP\r\n"));
      assert.match((await before.reply()) ?? "", /^250 /);
    },
    { certificate: () => testCertificate(name) },
  );
});

test("a peer that closes its side behind STARTTLS is let go at once, also when its end was read before the turn of STARTTLS", async () => {
  await onStage(
    {},
    async ({ peer, intake }) => {
      const client = peer();
      await client.reply();
      client.send(Buffer.from("EHLO x\r\n"));
      await client.reply();
      // What is made durable takes its time, in which the rest of the connection is read to its end.
      const held = Promise.withResolvers<void>();
      intake.gate = held.promise;
      client.send(
        Buffer.from(
          "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nBDAT 8 LAST\r\nx: y\r\n\r\nSTARTTLS\r\nNOOP\r\n",
        ),
      );
      client.hangUp();
      for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      held.resolve();
      // The clock stands still: no deadline ends what the closing did not.
      assert.match(await client.rest(), /^250 2\.0\.0 .*\r\n220 2\.0\.0 /m);
    },
    { certificate: () => testCertificate() },
  );
});

test("a peer that closes its side without a word where TLS comes first is let go at once", async () => {
  await onStage(
    {},
    async ({ peer }) => {
      const one = async (turns: number, words: string) => {
        const client = peer();
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        if (words !== "") client.send(Buffer.from(words, "latin1"));
        client.hangUp();
        await client.rest();
      };
      for (const words of ["", "\x16", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"])
        await Promise.all(Array.from({ length: 20 }, (_, turns) => one(turns, words)));
    },
    { certificate: () => testCertificate(), isTlsFirst: true },
  );
});
