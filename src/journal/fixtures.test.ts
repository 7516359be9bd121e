import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readMessage } from "#mail/index.ts";
import { type Unwrapping, unwrap } from "./index.ts";

/** What a fixture's expectation file says: the facts of the unwrapping, the wrapped bytes by digest. */
type Expected = Record<string, unknown> & { reasons: string[] };

const folder = join(import.meta.dirname, "../../fixtures/journal");
const dialects = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const fixtures = dialects.flatMap((dialect) =>
  readdirSync(join(folder, dialect)).flatMap((file) =>
    file.endsWith(".eml") ? [join(dialect, file.slice(0, -4))] : [],
  ),
);

for (const name of fixtures) {
  test(`unwraps ${name} as expected`, () => {
    const bytes = readFileSync(join(folder, `${name}.eml`));
    const expected = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), "utf8")) as Expected;
    const { reasons, ...facts } = digested(bytes, unwrap(bytes, readMessage(bytes)));
    const { reasons: reasonsExpected, ...factsExpected } = expected;
    assert.deepEqual(facts, factsExpected);
    for (const reason of reasonsExpected)
      assert.ok(reasons.includes(reason), `${reason} is not in ${JSON.stringify(reasons)}`);
  });
}

/** Sure to some degree, which the fixtures do not pin; the message by its digest. */
function digested(bytes: Uint8Array, unwrapped: Unwrapping): { reasons: string[] } {
  if (unwrapped.kind !== "report" && unwrapped.kind !== "copy") return unwrapped;
  const { confidence, ...rest } = unwrapped;
  assert.ok(confidence > 0 && confidence <= 1);
  if (rest.kind === "copy") return rest;
  const { inner, decoded, ...facts } = rest;
  const message = decoded ?? bytes.subarray(inner.start, inner.end);
  const innerSha256 = createHash("sha256").update(message).digest("hex");
  return { ...facts, ...{ innerBytes: message.length, innerSha256, isEncoded: decoded !== null } };
}

test("there are fixtures of every dialect, each with its source", () => {
  assert.ok(fixtures.length > 100);
  for (const dialect of dialects) assert.ok(readdirSync(join(folder, dialect)).includes("SOURCE.md"), dialect);
});
