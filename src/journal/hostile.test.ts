import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileRun } from "../../test/load/hostile.ts";

// A hundredth of each: what is quadratic shows in the full form, `npm run soak -- hostile`.
for (const { name, isWhole, recipients, parts } of hostileRun(0.01, () => 0)) {
  test(`takes the report off a message of many ${name}, and keeps the message whole`, () => {
    assert.equal(isWhole, true);
    assert.equal(recipients, name === "recipients of a report" ? 5_000 : 1);
    assert.ok(parts >= 1 && parts <= 10_001);
  });
}
