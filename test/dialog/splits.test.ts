import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { converse, type Outcome } from "./converse.ts";

// Conversations nobody would hold: fragments of the protocol and noise in any order, cut anywhere.

const fragments = [
  "EHLO x\r\n",
  "HELO x\r\n",
  "MAIL FROM:<a@b.test>\r\n",
  "MAIL FROM:<> SIZE=10 BODY=BINARYMIME SMTPUTF8\r\n",
  "RCPT TO:<journal@acme.test>\r\n",
  "RCPT TO:<second@acme.test>\r\n",
  "RCPT TO:<nobody@acme.test>\r\n",
  "DATA\r\n",
  "BDAT 7\r\n",
  "BDAT 3 LAST\r\n",
  "BDAT 0 LAST\r\n",
  "BDAT x\r\n",
  "RSET\r\n",
  "NOOP\r\n",
  "QUIT\r\n",
  "\r\n.\r\n",
  ".\r\n",
  "..",
  "\r",
  "\n",
  "\r\n",
  ".",
  "\0",
  "Subject: x\r\n\r\nbody\r\n",
  "x".repeat(70),
];

/** Limits so low that random input meets them. */
const limits = { messageBytesMax: 60, recipientsMax: 2, commandBytesMax: 64, lineBytesMax: 128, badCommandsMax: 6 };

const noise = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
const fragment = fc.constantFrom(...fragments).map((text) => Buffer.from(text, "latin1"));
const pieces = fc.array(fc.oneof({ weight: 8, arbitrary: fragment }, { weight: 1, arbitrary: noise }), {
  minLength: 1,
  maxLength: 5,
});
/** Most begin well, so that the deep states are reached. */
const opening = fc.constantFrom(
  [],
  ["EHLO x\r\n"],
  ["EHLO x\r\n", "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\n"],
  ["EHLO x\r\n", "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nDATA\r\n"],
);
const conversation = fc
  .tuple(
    opening,
    fc.array(
      pieces.map((bytes) => Buffer.concat(bytes)),
      { maxLength: 8 },
    ),
  )
  .map(([begin, turns]) => [...begin.map((text) => Buffer.from(text)), ...turns]);
const cuts = fc.array(fc.nat({ max: 100 }), { maxLength: 12 });

test("a conversation comes out the same however its octets are split", () => {
  fc.assert(
    fc.property(conversation, cuts, (turns, places) => {
      const whole = converse(turns, { limits });
      assert.deepEqual(plain(converse(turns, { limits, cut: (turn) => cutAt(turn, places) })), plain(whole));
      assert.deepEqual(plain(converse(turns, { limits, cut: octets })), plain(whole));
    }),
    { numRuns: 3_000, seed: 5321 },
  );
});

test("a conversation comes out the same however its octets are split, while the spool fails", () => {
  fc.assert(
    fc.property(conversation, cuts, fc.constantFrom("open", "write", "commit"), (turns, places, failing) => {
      // Whether a body is first too large or first not written depends on the pieces it comes in; either is answered.
      const options = { limits: { ...limits, messageBytesMax: 1_000_000 }, failing };
      const whole = converse(turns, options);
      assert.deepEqual(plain(converse(turns, { ...options, cut: (turn) => cutAt(turn, places) })), plain(whole));
      if (failing === "commit") assert.deepEqual(whole.accepted, []);
    }),
    { numRuns: 2_000, seed: 5321 },
  );
});

test("any octets are answered, and what is accepted was sent", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (turns) => {
      const outcome = converse(
        turns.map((turn) => Buffer.from(turn)),
        { limits },
      );
      assert.match(outcome.said, /^220 (?:[^\r]*\r\n[2-5][0-9]{2}[ -])*[^\r]*\r\n$/);
      assert.equal(outcome.accepted.length, 0);
    }),
    { numRuns: 1_000, seed: 5321 },
  );
});

test("random conversations do reach the states that matter", () => {
  const reached = { accepted: 0, abandoned: 0, closed: 0 };
  for (const turns of fc.sample(conversation, { numRuns: 1_000, seed: 5321 })) {
    const outcome = converse(turns, { limits });
    reached.accepted += outcome.accepted.length;
    reached.abandoned += outcome.abandoned;
    reached.closed += outcome.isClosed ? 1 : 0;
  }
  for (const [what, count] of Object.entries(reached)) assert.ok(count >= 50, `${what}: ${count}`);
});

function plain({ said, accepted, abandoned, isClosed }: Outcome): unknown {
  return { said, accepted: accepted.map(({ mail, bytes }) => [mail, bytes.toString("latin1")]), abandoned, isClosed };
}

function octets(turn: Buffer): Buffer[] {
  return Array.from(turn, (_, at) => turn.subarray(at, at + 1));
}

function cutAt(turn: Buffer, places: number[]): Buffer[] {
  const bounds = [0, ...places.filter((place) => place < turn.length).sort((a, b) => a - b), turn.length];
  return bounds.slice(1).map((bound, index) => turn.subarray(bounds[index], bound));
}
