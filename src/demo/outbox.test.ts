import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "./outbox.ts";
import type { Sample } from "./sample-mail.ts";

const addresses = { reports: "journal@archive.example", copies: "copies@archive.example" };

function mail(name: string, connector: Sample["connector"] = "reports"): Sample {
  return { name, connector, mailFrom: "", bytes: Buffer.from(name) };
}

/** A sender that keeps what it was given, and refuses while it is told to. */
function listener() {
  const taken: string[] = [];
  return {
    taken,
    refusal: null as string | null,
    async send({ bytes }: Pick<Sample, "bytes">, recipient: string) {
      if (this.refusal !== null) throw new Error(this.refusal);
      taken.push(`${Buffer.from(bytes)} to ${recipient}`);
    },
  };
}

test("sends in order, each to its connector's address", async () => {
  const sender = listener();
  const outbox = new Outbox(sender, addresses);
  await outbox.send(mail("a"), mail("b", "copies"));
  assert.deepEqual(sender.taken, ["a to journal@archive.example", "b to copies@archive.example"]);
  assert.deepEqual(outbox.waiting, { count: 0, refusal: null });
});

test("keeps what is not taken, with what was said, and sends it in order when it is", async () => {
  const sender = listener();
  const outbox = new Outbox(sender, addresses);
  sender.refusal = "451 paused";
  await outbox.send(mail("a"), mail("b"));
  await outbox.send(mail("c"));
  assert.deepEqual([sender.taken, outbox.waiting], [[], { count: 3, refusal: "451 paused" }]);
  sender.refusal = null;
  await outbox.send();
  assert.deepEqual(
    sender.taken.map((one) => one[0]),
    ["a", "b", "c"],
  );
  assert.deepEqual(outbox.waiting, { count: 0, refusal: null });
});
