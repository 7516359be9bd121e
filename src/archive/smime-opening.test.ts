import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmimeEntry } from "#catalogue/index.ts";
import type { Instant, MessageId, TenantId } from "#core/index.ts";
import type { Progress } from "./progress.ts";
import { createOpening, type WaitingKeys } from "./smime-opening.ts";

const tenant = "main" as TenantId;
const recipients = ["CN=ca 01", "CN=ca 02"];
const since = 100 as Instant;

function entryOf(id: string, more: Partial<SmimeEntry>): SmimeEntry {
  return {
    message: id as MessageId,
    ...{ state: "encrypted-no-key", algorithm: null, recipients: [], key: null, signature: null, isCut: false },
    ...{ derived: [], waitsFor: ["CN=ca 01"], decidedAt: 0 as Instant },
    ...more,
  };
}

/** A catalogue of these entries, in which reading again opens what `opens` says, at once and at a time after `since`. */
function ground(entries: SmimeEntry[], opens: (id: MessageId) => boolean = () => false) {
  const read: MessageId[] = [];
  const stopping = new AbortController();
  const waiting = (recipient: string) =>
    entries.filter(({ waitsFor, key }) => key === null && waitsFor.includes(recipient)).map(({ message }) => message);
  const catalogue = {
    smimeWaitingFor: async (_: TenantId, recipient: string, after: MessageId | null, limit: number) =>
      waiting(recipient)
        .filter((id) => after === null || id > after)
        .slice(0, limit),
    smimeWaitingCounts: async (_: TenantId, asked: readonly string[]) =>
      asked
        .map((recipient) => ({ recipient, messages: waiting(recipient).length }))
        .filter(({ messages }) => messages > 0),
    smime: async (_: TenantId, ids: readonly MessageId[]) => entries.filter(({ message }) => ids.includes(message)),
    readAgain: async (_: TenantId, ids: readonly MessageId[]) => {
      for (const entry of entries.filter(({ message }) => ids.includes(message))) {
        if (opens(entry.message)) entry.key = "ab";
        else entry.state = "encrypted-bad-key";
        entry.decidedAt = (since + 1) as Instant;
      }
      return read.push(...ids);
    },
  };
  const indexer = { covered: async () => undefined, stepped: async () => undefined };
  const opening = createOpening({ catalogue, indexer, advanced: () => undefined, stopping: stopping.signal });
  const open = (keys: Partial<WaitingKeys> = {}, report: (progress: Progress) => void = () => undefined) =>
    opening.open(tenant, { recipients, since, ...keys }, report);
  return { read, opening, open, stopping };
}

const waitingPair = () => [
  entryOf("msg_0", { decidedAt: 500 as Instant }),
  entryOf("msg_1", { state: "encrypted-bad-key", decidedAt: 500 as Instant }),
];

test("new keys are tried on everything that names them", async () => {
  const { read, open } = ground(waitingPair());
  assert.equal(await open({ since: 500 as Instant }), 2);
  assert.deepEqual(read, ["msg_0", "msg_1"]);
});

test("keys that were at work before are not tried again where they failed, so that no start reads that mail once more", async () => {
  const { read, open } = ground(waitingPair());
  assert.equal(await open({ since: 499 as Instant }), 1);
  assert.deepEqual(read, ["msg_0"]);
});

test("a message to two of the keys is read once, whether the first opened it or failed", async () => {
  for (const opens of [true, false]) {
    const { read, open } = ground([entryOf("msg_0", { waitsFor: recipients })], () => opens);
    assert.equal(await open(), 1, `opens: ${opens}`);
    assert.deepEqual(read, ["msg_0"]);
  }
});

test("progress is told from none to all, is there for others meanwhile, and is gone at the end", async () => {
  const many = Array.from({ length: 250 }, (_, index) => entryOf(`msg_${1000 + index}`, {}));
  const { open, opening } = ground(many, () => true);
  const seen: (number | undefined)[] = [];
  await open({}, ({ done, total, unit }) => {
    seen.push(done);
    assert.deepEqual([total, unit], [250, "messages"]);
    assert.deepEqual(opening.progress(tenant), { done, total, unit });
  });
  assert.deepEqual(seen, [0, 100, 200, 250]);
  assert.equal(opening.progress(tenant), null);
});

test("two runs of one tenant follow one another, and a failed one lets the next begin", async () => {
  const { open, read } = ground([entryOf("msg_0", {})]);
  const failing = open({}, () => {
    throw new Error("the listener fails");
  });
  const next = open();
  await assert.rejects(failing, /the listener fails/);
  assert.equal(await next, 1);
  assert.deepEqual(read, ["msg_0"]);
});

test("when the archive stops, nothing further is begun", async () => {
  const { open, read, stopping } = ground([entryOf("msg_0", {})]);
  stopping.abort();
  assert.equal(await open(), 0);
  assert.deepEqual(read, []);
});
