import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzSmtp } from "./fuzz.ts";

test("random sessions break nothing and leave nothing open", { timeout: 120_000 }, async () => {
  const { sessions, accepted, abandoned, endings } = await fuzzSmtp(31, 6_000);
  assert.equal(sessions, 6_000);
  // Sessions that never get beyond a greeting would show nothing.
  assert.ok(accepted > 50, `${accepted} accepted`);
  assert.ok(abandoned > 50, `${abandoned} abandoned`);
  for (const ending of ["peer", "protocol", "handshake"])
    assert.ok((endings[ending] ?? 0) > 50, JSON.stringify(endings));
  assert.equal(endings.fault, undefined);
});
