import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "./turns.ts";

/** Lets everything that can go on without a signal from outside go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("one mailbox is worked on once at a time, in order, also after a failure", async () => {
  const turns = createTurns(8);
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take("a", async () => {
    order.push("first begins");
    await gate.promise;
    order.push("first ends");
    throw new Error("first failed");
  });
  const second = turns.take("a", async () => order.push("second"));
  const other = turns.take("b", async () => order.push("other"));
  await other;
  assert.deepEqual(order, ["first begins", "other"]);
  gate.resolve();
  await assert.rejects(first, /first failed/);
  await second;
  assert.deepEqual(order, ["first begins", "other", "first ends", "second"]);
});

test("no more mailboxes than the most are worked on at a time", async () => {
  const turns = createTurns(2);
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  let running = 0;
  let highest = 0;
  const all = gates.map(({ promise }, number) =>
    turns.take(`mailbox ${number}`, async () => {
      running += 1;
      highest = Math.max(highest, running);
      await promise;
      running -= 1;
    }),
  );
  await settle();
  assert.equal(running, 2);
  for (const { resolve } of gates) {
    resolve();
    await settle();
  }
  await Promise.all(all);
  assert.equal(highest, 2);
});

test("whoever has a mailbox hears that another asks for it, and nobody else does", async () => {
  const turns = createTurns(8);
  const heard: string[] = [];
  const holds = (name: string) =>
    turns.take(name, (asked) =>
      asked.aborted
        ? Promise.resolve()
        : new Promise<void>((resolve) =>
            asked.addEventListener("abort", () => {
              heard.push(name);
              resolve();
            }),
          ),
    );
  const [a, b] = [holds("a"), holds("b")];
  await settle();
  turns.ask("a");
  await a;
  assert.deepEqual(heard, ["a"]);
  turns.ask("nobody");
  turns.ask("b");
  await b;
  await turns.idle();
});
