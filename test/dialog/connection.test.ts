import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { Connection } from "#smtp/connection.ts";
import { type SmtpLimits, smtpLimits } from "#smtp/index.ts";
import { MemoryIntake } from "./memory-intake.ts";
import { countingEntropy, StillClock } from "./still-clock.ts";

/** The archive's end of a wire whose other end the test plays. */
class Wire extends Duplex {
  /** What was said, one string a write. */
  readonly writes: string[] = [];
  /** While true, nothing that is said gets through. */
  isStuck = false;

  constructor() {
    super({ allowHalfOpen: true, writableHighWaterMark: 1_024 });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    if (!this.isStuck) done();
  }

  hear(text: string): void {
    this.push(Buffer.from(text, "latin1"));
  }

  get said(): string {
    return this.writes.join("");
  }
}

function connect(limits: Partial<SmtpLimits> = {}, intake = new MemoryIntake()) {
  const parts = beforeGreeting(limits, intake);
  parts.connection.greet();
  return parts;
}

function beforeGreeting(limits: Partial<SmtpLimits> = {}, intake = new MemoryIntake()) {
  const wire = new Wire();
  const clock = new StillClock();
  const logged: { event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const connection = new Connection(
    wire,
    { address: "192.0.2.7:4711", proxy: null },
    {
      hostname: "archive.test",
      limits: { ...smtpLimits, ...limits },
      intake,
      clock,
      entropy: countingEntropy(),
      log: (event, fields) => logged.push({ event, fields }),
    },
  );
  return { wire, clock, intake, logged, connection };
}

/** Lets everything happen that can happen without the other end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const begin = "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nDATA\r\n";

async function inBody(limits: Partial<SmtpLimits> = {}) {
  const parts = connect(limits);
  await settle();
  parts.wire.hear("EHLO x\r\n");
  await settle();
  parts.wire.hear(begin);
  await settle();
  assert.match(parts.wire.said, /354 [^\r]*\r\n$/);
  return parts;
}

test("a connection that is not greeted yet when the listener stops is told 421 and no 220", async () => {
  const { wire, connection } = beforeGreeting();
  connection.stop();
  connection.greet();
  await settle();
  assert.match(wire.said, /^421 4\.3\.2 [^\r]*\r\n$/);
  wire.destroy();
});

test("octets that lie ready behind DATA end the session even when they are not read yet", async () => {
  const { wire, intake } = await inBody();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear("x\r\n");
  await settle();
  wire.hear(`.\r\n${begin}`);
  wire.hear("early\r\n.\r\n");
  await settle();
  gate.resolve();
  await settle();
  assert.match(wire.said, /stored durably .*\r\n250 .*\r\n250 .*\r\n554 5\.5\.0 [^\r]*\r\n$/);
  assert.equal(intake.opened, 1);
  wire.destroy();
});

test("the replies to one group of commands leave in one write", async () => {
  const { wire } = await inBody();
  assert.equal(wire.writes.length, 3);
  assert.match(wire.writes[2] ?? "", /^250 .*\r\n250 .*\r\n354 .*\r\n$/);
  wire.destroy();
});

test("while the spool is slow, nothing more is read than two chunks", async () => {
  const { wire, intake } = await inBody();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  const chunk = `${"x".repeat(998)}\r\n`;
  for (let count = 0; count < 50; count += 1) {
    wire.hear(chunk);
    await settle();
  }
  assert.equal(intake.writes, 1);
  assert.equal(wire.isPaused(), true);
  assert.equal(wire.readableLength, 48 * chunk.length);
  gate.resolve();
  await settle();
  wire.hear(".\r\n");
  await settle();
  assert.equal(intake.items[0]?.bytes.toString(), chunk.repeat(50));
  wire.destroy();
});

test("no deadline runs while the spool is slow", async () => {
  const { wire, clock, connection, intake } = await inBody();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear("x\r\n.\r\n");
  await settle();
  clock.advance(3_600_000);
  connection.expire(clock.elapsedMs());
  gate.resolve();
  await settle();
  assert.match(wire.said, /250 2\.0\.0 stored durably as rcp_[0-9a-z]{26}\r\n$/);
  wire.destroy();
});

test("250 waits for the commit", async () => {
  const { wire, intake } = await inBody();
  wire.hear("x\r\n");
  await settle();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear(".\r\n");
  await settle();
  assert.match(wire.said, /354 [^\r]*\r\n$/);
  gate.resolve();
  await settle();
  assert.match(wire.said, /stored durably/);
  wire.destroy();
});

test("a commit that is under way when the connection is lost is finished before the session ends", async () => {
  const { wire, intake, connection, logged } = await inBody();
  wire.hear("x\r\n");
  await settle();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear(".\r\n");
  await settle();
  connection.destroy();
  await settle();
  assert.deepEqual(logged, []);
  gate.resolve();
  await connection.ended;
  assert.equal(intake.items.length, 1);
  assert.equal(intake.abandoned, 0);
  assert.equal(logged.length, 1);
});

test("a body that is being written when the connection is lost is forgotten", async () => {
  const { wire, intake, connection } = await inBody();
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear("x\r\n.\r\n");
  await settle();
  wire.destroy();
  await settle();
  gate.resolve();
  await connection.ended;
  assert.equal(intake.items.length, 0);
  assert.equal(intake.abandoned, 1);
});

test("a peer that does not read its replies is not read from, and cut off in time", async () => {
  const { wire, clock, connection, logged } = connect({ commandTimeoutMs: 60_000, idleCommandsMax: 100_000 });
  await settle();
  wire.isStuck = true;
  for (let count = 0; count < 20; count += 1) {
    wire.hear("HELP\r\n".repeat(1_000));
    await settle();
  }
  assert.ok(wire.writableLength < 20_000, `${wire.writableLength} octets of replies wait`);
  assert.equal(wire.isPaused(), true);
  clock.advance(59_999);
  connection.expire(clock.elapsedMs());
  assert.equal(wire.destroyed, false);
  clock.advance(1);
  connection.expire(clock.elapsedMs());
  await connection.ended;
  assert.equal(logged[0]?.fields.ending, "timeout");
});

test("a peer that reads again is read from again", async () => {
  const { wire } = connect({ idleCommandsMax: 1_000 });
  await settle();
  const parts: string[] = wire.writes;
  let release = () => {};
  wire._write = (chunk: Buffer, _encoding: string, done: () => void) => {
    parts.push(chunk.toString());
    release = done;
  };
  wire.hear("HELP\r\n".repeat(1_000));
  for (let round = 0; round < 20; round += 1) {
    await settle();
    release();
  }
  assert.equal(wire.said.match(/^214 /gm)?.length, 1_000);
  wire.destroy();
});

test("a command that trickles does not put its deadline off", async () => {
  const { wire, clock, connection } = connect();
  await settle();
  for (let second = 0; second < 300; second += 60) {
    wire.hear("N");
    await settle();
    clock.advance(60_000);
    connection.expire(clock.elapsedMs());
  }
  await settle();
  assert.match(wire.said, /421 4\.4\.2 [^\r]*\r\n$/);
  wire.destroy();
});

test("a body that keeps to the slowest rate may take as long as it takes", async () => {
  const { wire, clock, connection, intake } = await inBody({ transactionTimeoutMs: 60_000, bytesPerSecondMin: 500 });
  for (let minute = 0; minute < 100; minute += 1) {
    wire.hear("x".repeat(30_000));
    await settle();
    clock.advance(60_000);
    connection.expire(clock.elapsedMs());
  }
  wire.hear("\r\n.\r\n");
  await settle();
  assert.equal(intake.items[0]?.bytes.length, 3_000_002);
  wire.destroy();
});

test("a body below the slowest rate ends with its transaction's time, however it moves", async () => {
  const { wire, clock, connection, intake } = await inBody({ transactionTimeoutMs: 60_000, bytesPerSecondMin: 500 });
  for (let second = 0; second < 60; second += 1) {
    wire.hear("x".repeat(5));
    await settle();
    assert.doesNotMatch(wire.said, /421/, `in second ${second}`);
    clock.advance(1_000);
    connection.expire(clock.elapsedMs());
  }
  clock.advance(600);
  connection.expire(clock.elapsedMs());
  await settle();
  assert.match(wire.said, /421 4\.4\.2 this takes too long[^\r]*\r\n$/);
  assert.equal(intake.abandoned, 1);
  wire.destroy();
});

test("the spool's own time is not counted against a body", async () => {
  const { wire, clock, connection, intake } = await inBody({ transactionTimeoutMs: 60_000 });
  const gate = Promise.withResolvers<void>();
  intake.gate = gate.promise;
  wire.hear("x");
  await settle();
  clock.advance(3_600_000);
  gate.resolve();
  await settle();
  clock.advance(59_000);
  connection.expire(clock.elapsedMs());
  wire.hear("\r\n.\r\n");
  await settle();
  assert.match(wire.said, /stored durably/);
  wire.destroy();
});

test("recipients that trickle end with their transaction's time, and each transaction has its own", async () => {
  const { wire, clock, connection } = connect({ transactionTimeoutMs: 60_000 });
  await settle();
  wire.hear("EHLO x\r\n");
  await settle();
  for (let round = 0; round < 3; round += 1) {
    wire.hear("MAIL FROM:<a@b.test>\r\n");
    await settle();
    clock.advance(59_000);
    connection.expire(clock.elapsedMs());
    wire.hear("RSET\r\n");
    await settle();
    assert.match(wire.said, /250 2\.0\.0 ok\r\n$/);
  }
  wire.hear("MAIL FROM:<a@b.test>\r\n");
  await settle();
  for (let second = 0; second < 60; second += 10) {
    assert.doesNotMatch(wire.said, /421/);
    wire.hear("RCPT TO:<journal@acme.test>\r\n");
    await settle();
    clock.advance(10_000);
    connection.expire(clock.elapsedMs());
  }
  await settle();
  assert.match(wire.said, /421 4\.4\.2 [^\r]*\r\n$/);
  wire.destroy();
});

test("a chunk that is thrown away must come in time too", async () => {
  const { wire, clock, connection } = connect({ transactionTimeoutMs: 60_000, bytesPerSecondMin: 500 });
  await settle();
  wire.hear("EHLO x\r\n");
  await settle();
  wire.hear("BDAT 1000000000\r\n");
  await settle();
  for (let second = 0; second < 61; second += 1) {
    wire.hear("x");
    await settle();
    clock.advance(1_000);
    connection.expire(clock.elapsedMs());
  }
  await settle();
  assert.match(wire.said, /421 4\.4\.2 this takes too long[^\r]*\r\n$/);
  wire.destroy();
});

test("a closed session that the peer keeps open is cut in time, and what still comes is dropped", async () => {
  const { wire, clock, connection, logged } = connect({ lingerMs: 5_000 });
  await settle();
  wire.hear("QUIT\r\n");
  await settle();
  wire.hear("EHLO x\r\n".repeat(1_000));
  await settle();
  assert.match(wire.said, /221 [^\r]*\r\n$/);
  assert.equal(wire.readableLength, 0);
  clock.advance(4_999);
  connection.expire(clock.elapsedMs());
  assert.equal(wire.destroyed, false);
  clock.advance(1);
  connection.expire(clock.elapsedMs());
  await connection.ended;
  assert.equal(logged[0]?.fields.ending, "quit");
});

test("a fault of ours ends the session with 421 and is logged, and nothing is kept", async () => {
  class BrokenIntake extends MemoryIntake {
    override admit(): never {
      throw new Error("broken");
    }
  }
  const { wire, logged, connection } = connect({}, new BrokenIntake());
  await settle();
  wire.hear("EHLO x\r\n");
  await settle();
  wire.hear(begin);
  await settle();
  assert.match(wire.said, /421 4\.3\.0 internal fault[^\r]*\r\n$/);
  wire.push(null);
  await connection.ended;
  assert.deepEqual(
    logged.map(({ event, fields }) => [event, fields.code ?? fields.ending]),
    [
      ["smtp-fault", "INTERNAL"],
      ["smtp-session", "fault"],
    ],
  );
});

test("the log line of a session counts what happened and holds no mail", async () => {
  const { wire, connection, logged } = await inBody();
  wire.hear("Subject: secret\r\n.\r\nRCPT TO:<secret@acme.test>\r\nQUIT\r\n");
  await settle();
  wire.push(null);
  await connection.ended;
  assert.deepEqual(logged, [
    {
      event: "smtp-session",
      fields: {
        peer: "192.0.2.7:4711",
        tls: null,
        helo: "x",
        user: null,
        accepted: 1,
        acceptedBytes: 17,
        temporary: 0,
        permanent: 1,
        ending: "quit",
        durationMs: 0,
      },
    },
  ]);
});

test("an arrival says who sent it, when it began and when its last octet came", async () => {
  const { wire, clock, intake } = await inBody();
  const begunAt = clock.now();
  clock.advance(1_500);
  wire.hear("x\r\n.\r\n");
  await settle();
  const { receipt, ...arrival } = intake.items[0]!.arrival;
  assert.match(receipt, /^rcp_[0-9a-z]{26}$/);
  assert.deepEqual(arrival, {
    destination: { tenant: "acme", connector: "con_acmejournal00000", type: "eej", maxAgeDays: 30 },
    hop: {
      transport: "smtp",
      peer: "192.0.2.7:4711",
      helo: "x",
      tls: null,
      mailFrom: "a@b.test",
      rcptTo: ["journal@acme.test"],
      uidl: null,
      begunAt,
    },
    sourceKey: null,
    receivedAt: begunAt + 1_500,
  });
  wire.destroy();
});
