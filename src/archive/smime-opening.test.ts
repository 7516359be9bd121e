import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmimeEntry } from "#catalogue/index.ts";
import type { Instant, MessageId, TenantId } from "#core/index.ts";
import { openWaiting } from "./smime-opening.ts";

const tenant = "main" as TenantId;

/** Two messages that wait for one recipient: no key was tried on the first, and one failed on the second. */
const waiting: SmimeEntry[] = (["encrypted-no-key", "encrypted-bad-key"] as const).map((state, index) => ({
  message: `msg_${index}` as MessageId,
  ...{ state, algorithm: null, recipients: [], key: null, signature: null, isCut: false, derived: [] },
  waitsFor: ["CN=ca 01"],
  decidedAt: 0 as Instant,
}));

async function readAgain(isNew: boolean): Promise<MessageId[]> {
  const read: MessageId[] = [];
  const catalogue = {
    smimeWaitingFor: async (_: TenantId, __: readonly string[], after: MessageId | null, limit: number) =>
      waiting
        .map(({ message }) => message)
        .filter((id) => after === null || id > after)
        .slice(0, limit),
    smime: async (_: TenantId, ids: readonly MessageId[]) => waiting.filter(({ message }) => ids.includes(message)),
    readAgain: async (_: TenantId, ids: readonly MessageId[]) => read.push(...ids),
  };
  const indexer = { covered: async () => undefined };
  const keys = { recipients: ["CN=ca 01"], isNew };
  assert.equal(await openWaiting({ catalogue, indexer }, tenant, keys, () => undefined), read.length);
  return read;
}

test("new keys are tried on everything that names them", async () => {
  assert.deepEqual(await readAgain(true), ["msg_0", "msg_1"]);
});

test("keys that were there before are not tried again where they failed, so that no start reads that mail once more", async () => {
  assert.deepEqual(await readAgain(false), ["msg_0"]);
});
