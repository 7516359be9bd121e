import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ReceiptId } from "#core/index.ts";
import {
  type ArchivedMail,
  type Capture,
  type DrainParts,
  type DrainResult,
  drainMailbox,
  networkDial,
  openSession,
  type Pop3Limits,
  type UidlMemory,
} from "#pop3/index.ts";
import { createMemoryUidls } from "../../src/pop3/memory-uidls.ts";
import { systemEntropy } from "../../src/server/system.ts";
import { MemoryIntake } from "../dialog/memory-intake.ts";
import { StillClock } from "../dialog/still-clock.ts";
import { type ScriptServer, testScriptServer } from "./script-server.ts";
import { drained } from "./test-archive.ts";

/** A mailbox on a scripted server, and what drains it. The archive takes at once what is spooled, unless it is told not to. */
interface Bed {
  server: ScriptServer;
  intake: MemoryIntake;
  memory: UidlMemory;
  clock: StillClock;
  /** Receipts the archive has not taken, by their order of arrival; "all" for every one. */
  refused: "none" | "all";
  drain(more?: Partial<DrainParts>, limits?: Partial<Pop3Limits>): Promise<DrainResult>;
  /** What was taken, by subject, in order. */
  subjects(): string[];
}

function mail(subject: string, more = "text"): Buffer {
  return Buffer.from(`Subject: ${subject}\r\n\r\n${more}\r\n`);
}

async function testBed(context: TestContext): Promise<Bed> {
  const server = await testScriptServer(context);
  const intake = new MemoryIntake();
  const clock = new StillClock();
  const archive: ArchivedMail = {
    settled: async (captures: readonly Pick<Capture, "receipt" | "sourceKey">[]) => {
      if (bed.refused === "all") return new Map();
      const keys = new Map(intake.items.map(({ arrival }) => [arrival.sourceKey, arrival.receipt]));
      const known = captures.filter(({ sourceKey }) => keys.has(sourceKey));
      return new Map<ReceiptId, "archived" | "duplicate">(
        known.map(({ receipt, sourceKey }) => [receipt, keys.get(sourceKey) === receipt ? "archived" : "duplicate"]),
      );
    },
    changed: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
      }),
  };
  const never = new AbortController().signal;
  const bed: Bed = {
    server,
    intake,
    memory: createMemoryUidls(),
    clock,
    refused: "none",
    drain: (more = {}, limits = {}) => {
      const open = () =>
        openSession(
          {
            host: "127.0.0.1",
            port: server.port,
            tls: "none",
            verify: { kind: "strict" },
            secrets: "clear",
            login: { kind: "password", user: "u", password: "password", mechanism: "user" },
            addresses: { kind: "any" },
          },
          { dial: networkDial(), clock, limits },
          never,
        );
      const parts: DrainParts = {
        destination: drained,
        open,
        intake,
        memory: bed.memory,
        archive,
        retention: { kind: "delete" },
        clock,
        entropy: systemEntropy,
        log: () => {},
        limits: { archiveWaitMs: 0, fruitlessSessionsMax: 3 },
        ...more,
      };
      return drainMailbox(parts, never);
    },
    subjects: () => intake.items.map(({ bytes }) => /Subject: (.*)\r\n/.exec(bytes.toString("latin1"))?.[1] ?? "none"),
  };
  return bed;
}

function put(server: ScriptServer, ...subjects: string[]): void {
  for (const subject of subjects) server.messages.push({ uidl: `id-${subject}`, bytes: mail(subject) });
}

test("takes oldest first, deletes, and counts", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a", "b", "c");
  const result = await bed.drain();
  assert.deepEqual(bed.subjects(), ["a", "b", "c"]);
  const { seen, archived, failed, left, deleted, problem, uidls } = result;
  assert.deepEqual([seen, archived, failed, left, deleted, problem, uidls], [3, 3, 0, 0, 3, null, "usable"]);
  const hop = bed.intake.items[0]!.arrival.hop;
  assert.deepEqual([hop.transport, hop.uidl, hop.peer], ["pop3", "id-a", `127.0.0.1:${bed.server.port}`]);
});

test("no DELE is said for what the archive does not have", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a", "b");
  bed.refused = "all";
  const first = await bed.drain();
  assert.deepEqual([first.left, first.problem], [2, { kind: "archive-slow", waiting: 2 }]);
  assert.ok(!bed.server.heard.some((line) => line.startsWith("DELE")));
  bed.refused = "none";
  const second = await bed.drain();
  assert.deepEqual([second.left, second.deleted], [0, 2]);
  assert.deepEqual(bed.subjects(), ["a", "b"]);
});

test("the last session waits a little for the archive, and deletes what it fetched without a further look or login", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a", "b");
  bed.refused = "all";
  let isOver = false;
  const draining = bed.drain({ limits: { archiveWaitMs: 60_000 } }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    if (bed.server.served.length === 2) bed.clock.advance(50);
    if (bed.clock.elapsedMs() > 5_000) bed.refused = "none";
  }
  const { sessions, deleted, left } = await draining;
  assert.deepEqual([sessions, deleted, left], [1, 2, 0]);
  assert.ok(!bed.server.heard.some((line) => line.startsWith("TOP")));
});

test("fetching waits where too much waits for the archive, and goes on when there is room", async (context) => {
  const bed = await testBed(context);
  put(bed.server, ...Array.from({ length: 200 }, (_, index) => `m${index}`));
  bed.refused = "all";
  let isOver = false;
  let held = 0;
  const draining = bed.drain({ limits: { archiveWaitMs: 60_000, waitingMax: 20, commitsMax: 4 } }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    bed.clock.advance(1);
    if (bed.clock.elapsedMs() < 5_000) held = bed.intake.items.length;
    else bed.refused = "none";
  }
  const { deleted, left, problem } = await draining;
  // What was asked for ahead, and what is being made durable, still comes.
  assert.ok(held >= 20 && held <= 20 + 64 + 4, `${held} were fetched`);
  assert.deepEqual([deleted, left, problem], [200, 0, null]);
});

test("while records are being written for long, no more is fetched than may be fetched again", async (context) => {
  const bed = await testBed(context);
  put(bed.server, ...Array.from({ length: 400 }, (_, index) => `m${index}`));
  const written = Promise.withResolvers<void>();
  const { memory } = bed;
  bed.memory = {
    ...memory,
    mailbox: async (tenant, connector) => {
      const records = await memory.mailbox(tenant, connector);
      return { table: records.table, remember: (keys) => written.promise.then(() => records.remember(keys)) };
    },
  };
  let isOver = false;
  let held = 0;
  const draining = bed.drain({ limits: { commitsMax: 4 } }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    bed.clock.advance(1);
    if (bed.clock.elapsedMs() < 5_000) held = bed.intake.items.length;
    else written.resolve();
  }
  const { deleted, left, problem } = await draining;
  assert.ok(held >= 100 && held <= 2 * (50 + 4), `${held} were fetched`);
  assert.deepEqual([deleted, left, problem], [400, 0, null]);
});

test("a server without ids is drained, each message once, by its content", async (context) => {
  const bed = await testBed(context);
  bed.server.misdeed = (verb) => (verb === "UIDL" ? { kind: "say", bytes: "-ERR what\r\n" } : null);
  put(bed.server, "a", "b");
  bed.refused = "all";
  assert.equal((await bed.drain()).uidls, "missing");
  bed.refused = "none";
  const second = await bed.drain();
  assert.deepEqual([second.left, second.problem], [0, null]);
  assert.deepEqual(bed.subjects(), ["a", "b"]);
});

test("of doubled ids none is gone by; both messages are taken once", async (context) => {
  const bed = await testBed(context);
  for (const subject of ["a", "b"]) bed.server.messages.push({ uidl: "same", bytes: mail(subject) });
  put(bed.server, "c");
  bed.refused = "all";
  assert.equal((await bed.drain()).uidls, "doubled");
  bed.refused = "none";
  assert.equal((await bed.drain()).left, 0);
  assert.deepEqual(bed.subjects().sort(), ["a", "b", "c"]);
});

test("an id reused for other content never deletes the other content, whatever its size", async (context) => {
  for (const other of [mail("b"), mail("longer than before")]) {
    const bed = await testBed(context);
    put(bed.server, "a");
    bed.refused = "all";
    await bed.drain();
    bed.server.messages = [{ uidl: "id-a", bytes: other }];
    const held = await bed.drain();
    assert.equal(held.left, 1);
    assert.ok(!bed.server.heard.some((line) => line.startsWith("DELE")));
    bed.refused = "none";
    assert.equal((await bed.drain()).left, 0);
    assert.equal(bed.intake.items.length, 2);
    assert.ok(bed.intake.items[1]!.bytes.equals(other), "the other content was taken before its message was deleted");
  }
});

test("without TOP, a message is read again before it is deleted in a later session", async (context) => {
  const bed = await testBed(context);
  bed.server.capabilities = ["USER", "UIDL"];
  put(bed.server, "a");
  bed.refused = "all";
  await bed.drain();
  bed.server.messages = [{ uidl: "id-a", bytes: mail("b") }];
  bed.refused = "none";
  const result = await bed.drain();
  assert.deepEqual([result.left, result.archived], [0, 1]);
  assert.deepEqual(bed.subjects(), ["a", "b"]);
});

test("ids that all changed: the same messages are known again, a copy beside them is a message of its own", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a", "b");
  bed.refused = "all";
  await bed.drain();
  bed.server.messages = bed.server.messages.map((message) => ({ ...message, uidl: `new-${message.uidl}` }));
  bed.server.messages.push({ uidl: "copy", bytes: mail("a") });
  bed.refused = "none";
  const result = await bed.drain();
  assert.deepEqual([result.renamed, result.left], [2, 0]);
  assert.deepEqual(bed.subjects(), ["a", "b", "a"]);
});

test("a server that keeps what it was told to delete is noticed, and nothing is taken twice", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  const kept = [...bed.server.messages];
  assert.equal((await bed.drain()).deleted, 1);
  bed.server.messages = kept;
  const again = await bed.drain();
  assert.deepEqual([again.reappeared, again.deleted, again.archived], [1, 1, 0]);
  assert.equal(bed.intake.items.length, 1);
});

test("messages that went away untaken are counted as vanished", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a", "b");
  bed.server.misdeed = (verb) => (verb === "RETR" ? { kind: "say", bytes: "-ERR [SYS/TEMP] not now\r\n" } : null);
  assert.equal((await bed.drain()).failed, 2);
  bed.server.messages = [];
  const after = await bed.drain();
  assert.deepEqual([after.vanished, after.failed], [2, 0]);
});

const qualms: [what: string, answer: string, close: boolean, reason: RegExp][] = [
  ["is refused", "-ERR no such message\r\n", false, /refused RETR 2/],
  ["breaks off without the final dot", "+OK\r\nSubject: broken\r\n\r\nhalf", true, /lost at RETR 2/],
  ["ends in LF, dot, LF only", "+OK\r\nSubject: broken\r\n\r\nhalf\n.\n", true, /lost at RETR 2/],
  ["has a status line without end", `+OK ${"x".repeat(5_000)}`, true, /line-endless/],
  ["is larger than the limit, whatever LIST said", `+OK\r\n${"x".repeat(3_000)}`, true, /message-too-large/],
];
for (const [what, answer, close, reason] of qualms)
  test(`a message that ${what} is left and told, and the next one goes on`, async (context) => {
    const bed = await testBed(context);
    put(bed.server, "a", "broken", "c");
    bed.server.misdeed = (verb, line) => {
      const isIt = verb === "RETR" && bed.server.messages[Number(line.slice(5)) - 1]?.uidl === "id-broken";
      // Marked messages are still counted by number within a session, so the broken one is found by what it is.
      return isIt ? { kind: close ? "say-and-close" : "say", bytes: answer } : null;
    };
    const result = await bed.drain({}, { messageBytesMax: 2_000 });
    assert.deepEqual([...bed.subjects()].sort(), ["a", "c"]);
    assert.deepEqual([result.failed, result.left, result.problem], [1, 1, null], JSON.stringify(result));
    assert.equal(result.failures[0]!.uidl, "id-broken");
    assert.match(result.failures[0]!.reason, close ? /RETR \d/ : reason);
    assert.equal(bed.intake.unfinished, 0, "what came of it is not kept");
    // It waits its time, and is then taken.
    bed.server.misdeed = () => null;
    assert.equal((await bed.drain()).failed, 1);
    bed.clock.advance(3_600_000);
    const later = await bed.drain();
    assert.deepEqual([later.failed, later.archived, later.left], [0, 1, 0]);
  });

test("a message larger than the limit by LIST is not asked for, and counted", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  bed.server.messages.push({ uidl: "big", bytes: mail("big"), listBytes: 1_001 });
  bed.server.messages.push({ uidl: "fits", bytes: mail("fits"), listBytes: 1_000 });
  const result = await bed.drain({ limits: { messageBytesMax: 1_000, archiveWaitMs: 0 } });
  assert.deepEqual([result.failed, result.failures[0]?.reason, result.left], [1, "message-too-large", 1]);
  assert.deepEqual(bed.subjects(), ["a", "fits"]);
});

test("LIST may say too little or too much: only the end mark counts", async (context) => {
  const bed = await testBed(context);
  for (const [subject, listBytes] of [
    ["short", 1],
    ["long", 100_000],
  ] as const)
    bed.server.messages.push({ uidl: subject, bytes: mail(subject), listBytes });
  const result = await bed.drain();
  assert.deepEqual([result.archived, result.left], [2, 0]);
  assert.ok(bed.intake.items.every(({ bytes }) => bytes.toString().endsWith("text\r\n")));
});

test("a list without end closes the session, and nothing is taken", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  const endless = `+OK\r\n${Array.from({ length: 60 }, (_, number) => `${number + 1} 10\r\n`).join("")}`;
  bed.server.misdeed = (verb) => (verb === "LIST" ? { kind: "say", bytes: endless } : null);
  const draining = bed.drain({}, { listLinesMax: 50 });
  // Between sessions that bring nothing it waits.
  let isOver = false;
  void draining.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    bed.clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { problem } = await draining;
  assert.deepEqual(problem, { kind: "server", problem: { kind: "protocol", fault: "list-endless", step: "LIST" } });
  assert.equal(bed.intake.items.length, 0);
});

test("QUIT refused: nothing counts as deleted, and the next run looks again", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  bed.server.misdeed = (verb) => (verb === "QUIT" ? { kind: "say", bytes: "-ERR [SYS/TEMP] disk\r\n" } : null);
  const first = await bed.drain();
  assert.deepEqual([first.left, first.deleted], [1, 0]);
  assert.ok(first.problem?.kind === "server" && first.problem.problem.kind === "sys-temp");
  const { table } = await bed.memory.mailbox(drained.tenant, drained.connector);
  assert.deepEqual(
    [...table.kinds()].map(([, kind]) => kind),
    ["delete-pending"],
  );
  bed.server.misdeed = () => null;
  const second = await bed.drain();
  assert.deepEqual([second.left, second.deleted, second.archived], [0, 1, 0]);
  assert.equal(bed.intake.items.length, 1);
});

test("a full spool ends the run, keeps the mail, and what was archived is still deleted", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  await bed.drain({ retention: { kind: "keep" } });
  put(bed.server, "b", "c");
  bed.intake.failures.set("commit", "SPOOL-FULL");
  const result = await bed.drain();
  assert.ok(result.problem?.kind === "spool" && result.problem.code === "SPOOL-FULL");
  assert.deepEqual([result.deleted, result.left, bed.server.messages.length], [1, 2, 2]);
  bed.intake.failures.clear();
  bed.intake.failures.set("write", "SPOOL-BROKEN");
  assert.equal((await bed.drain()).left, 2);
  bed.intake.failures.clear();
  bed.intake.spoolState = { kind: "full", reason: "no room" };
  assert.equal((await bed.drain()).problem?.kind, "spool");
  bed.intake.spoolState = { kind: "open" };
  assert.equal((await bed.drain()).left, 0);
  assert.deepEqual(bed.subjects(), ["a", "b", "c"]);
  assert.equal(bed.intake.unfinished, 0);
});

test("days to keep: deleted once they have passed, and not before", async (context) => {
  const bed = await testBed(context);
  const retention = { kind: "keep-days", days: 2 } as const;
  put(bed.server, "a");
  assert.deepEqual((({ archived, left }) => [archived, left])(await bed.drain({ retention })), [1, 1]);
  bed.clock.advance(2 * 86_400_000 - 1);
  assert.equal((await bed.drain({ retention })).left, 1);
  bed.clock.advance(1);
  assert.equal((await bed.drain({ retention })).left, 0);
  assert.equal(bed.intake.items.length, 1);
});

test("memory that is lost costs work and no mail: the source key stays the same", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "a");
  await bed.drain({ retention: { kind: "keep" } });
  bed.memory = createMemoryUidls();
  const result = await bed.drain();
  assert.equal(result.left, 0);
  const keys = bed.intake.items.map(({ arrival }) => arrival.sourceKey);
  assert.deepEqual([keys.length, new Set(keys).size], [2, 1]);
});

test("sessions are ended after their share of messages, of octets, and of time", async (context) => {
  for (const [limits, sessions] of [
    [{ sessionMessagesMax: 2 }, 3],
    [{ sessionBytesMax: 40 }, 3],
    [{ sessionMs: 0 }, 5],
    [{}, 1],
  ] as const) {
    const bed = await testBed(context);
    put(bed.server, "a", "b", "c", "d", "e");
    const result = await bed.drain({ limits: { archiveWaitMs: 0, ...limits } });
    assert.deepEqual([result.left, result.sessions], [0, sessions], JSON.stringify(limits));
  }
});

test("at most 64 RETR are sent ahead, and one where PIPELINING is not offered", async (context) => {
  for (const [capabilities, most] of [
    [["USER", "UIDL", "TOP", "PIPELINING"], 64],
    [["USER", "UIDL", "TOP"], 1],
  ] as const) {
    const bed = await testBed(context);
    bed.server.capabilities = [...capabilities];
    put(bed.server, ...Array.from({ length: 80 }, (_, number) => `m${number}`));
    const asked: string[] = [];
    const full = Promise.withResolvers<void>();
    bed.server.misdeed = (verb, line) => {
      if (verb !== "RETR") return null;
      asked.push(line);
      if (asked.length === most) full.resolve();
      return { kind: "say-nothing" };
    };
    const draining = bed.drain();
    await full.promise;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(asked.length, most);
    bed.server.misdeed = () => ({ kind: "say-and-close", bytes: "" });
    // The deadline of the first ends it; later sessions are cut too.
    let isOver = false;
    void draining.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      bed.clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal((await draining).left, 80);
  }
});

test("a message that trickles is given up after half an hour, and the next one goes on", async (context) => {
  const bed = await testBed(context);
  put(bed.server, "slow", "b");
  const slow: { trickle: (() => void) | null } = { trickle: null };
  let begunMs = 0;
  const lasted: number[] = [];
  bed.server.misdeed = (verb, line, say) => {
    if (verb !== "RETR" || bed.server.messages[Number(line.slice(5)) - 1]?.uidl !== "id-slow") {
      if (slow.trickle !== null) lasted.push(bed.clock.elapsedMs() - begunMs);
      slow.trickle = null;
      return null;
    }
    begunMs = bed.clock.elapsedMs();
    say("+OK\r\n");
    slow.trickle = () => say("x");
    return { kind: "say-nothing" };
  };
  bed.server.capabilities = ["USER", "UIDL", "TOP"];
  let isOver = false;
  const draining = bed.drain().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    slow.trickle?.();
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (slow.trickle !== null) bed.clock.advance(20_000);
  }
  const result = await draining;
  assert.deepEqual(bed.subjects(), ["b"]);
  assert.deepEqual([result.failed, result.failures[0]?.uidl, result.left], [1, "id-slow", 1]);
  assert.match(result.failures[0]!.reason, /in time at RETR 1/);
  assert.ok(lasted[0]! >= 30 * 60_000 - 20_000 && lasted[0]! < 31 * 60_000, `${lasted[0]} ms`);
});
