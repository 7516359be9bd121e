import assert from "node:assert/strict";
import { test } from "node:test";
import { networkDial, openSession, Pop3Failure, type Pop3Problem, type Pop3Server } from "#pop3/index.ts";
import { systemClock } from "../server/system.ts";
import { type DemoMailbox, demoFaults, openDemoMailbox } from "./mailbox.ts";

function open(mailbox: DemoMailbox) {
  const { host, port, user, password, authority } = mailbox;
  const server: Pop3Server = {
    ...{ host, port, tls: "implicit", verify: { kind: "strict" }, secrets: "verified", addresses: { kind: "any" } },
    login: { kind: "password", mechanism: "best", user, password },
  };
  return openSession(server, { dial: networkDial([authority]), clock: systemClock }, new AbortController().signal);
}

function problemOf(error: unknown): Pop3Problem {
  assert.ok(error instanceof Pop3Failure, String(error));
  return error.problem;
}

test("the mailbox gives what was put in, byte for byte, and loses what was deleted at QUIT only", async (context) => {
  const mailbox = await openDemoMailbox(systemClock.now());
  context.after(() => mailbox.close());
  const mail = Buffer.from("Subject: x\r\n\r\n.dots\r\n..\r\nl\xe4st line\r\n", "latin1");
  mailbox.put(mail);
  mailbox.put(Buffer.from("Subject: y\r\n\r\n"));
  const session = await open(mailbox);
  const pieces: Uint8Array[] = [];
  await session.retrieve(1, (piece) => void pieces.push(Buffer.from(piece)));
  assert.ok(Buffer.concat(pieces).equals(mail));
  await session.remove(1);
  await session.reset();
  await session.remove(2);
  session.abort();
  const second = await open(mailbox);
  assert.equal((await second.stat()).messages, 2);
  await second.remove(1);
  await second.quit();
  assert.equal(mailbox.count, 1);
});

test("each fault is another problem to a client, and mending ends it", async (context) => {
  const mailbox = await openDemoMailbox(systemClock.now());
  context.after(() => mailbox.close());
  const expected = ["auth", "tls expired", "in-use", "unreachable"];
  for (const [at, fault] of [...demoFaults, demoFaults[0]].entries()) {
    assert.equal(await mailbox.break(), fault);
    const problem = await open(mailbox).then(() => assert.fail(fault), problemOf);
    const words = problem.kind === "tls" ? `tls ${problem.fault}` : problem.kind;
    assert.equal(words, expected[at % expected.length]);
  }
  await mailbox.mend();
  assert.equal(mailbox.fault, null);
  await (await open(mailbox)).quit();
});
