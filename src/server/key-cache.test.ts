import assert from "node:assert/strict";
import { test } from "node:test";
import type { TenantId } from "#core/index.ts";
import type { OpeningKeys } from "#escrow/index.ts";
import { createKeyCache } from "./key-cache.ts";

const tenant = "main" as TenantId;

/** A cache whose questions are answered by hand, in order. */
function ground() {
  const asked: { answer(keys: OpeningKeys): void; fail(): void }[] = [];
  const cache = createKeyCache(
    () =>
      new Promise((answer, reject) => {
        asked.push({ answer, fail: () => reject(new Error("no answer")) });
      }),
  );
  return { asked, cache };
}

const keysWith = (authority: string): OpeningKeys => ({ keys: [], authorities: [Buffer.from(authority)] });
const said = ({ authorities }: { authorities: readonly Buffer[] }) => authorities.map(String);

test("what was asked for before keys were forgotten is not given after it", async () => {
  const { asked, cache } = ground();
  const tools = cache.of(tenant);
  cache.forget(tenant);
  asked[0]!.answer(keysWith("old"));
  await new Promise(setImmediate);
  asked[1]!.answer(keysWith("new"));
  assert.deepEqual(said(await tools), ["new"]);
  assert.deepEqual(said(await cache.of(tenant)), ["new"]);
  assert.equal(asked.length, 2);
});

test("what failed is asked again", async () => {
  const { asked, cache } = ground();
  const failing = cache.of(tenant);
  asked[0]!.fail();
  await assert.rejects(failing, /no answer/);
  const again = cache.of(tenant);
  asked[1]!.answer(keysWith("new"));
  assert.deepEqual(said(await again), ["new"]);
});
