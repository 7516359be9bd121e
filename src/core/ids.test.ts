import assert from "node:assert/strict";
import { test } from "node:test";
import { idBetween, timedId, timedIdAfter } from "./ids.ts";

const low = Buffer.alloc(10, 0);
const high = Buffer.alloc(10, 255);
const now = 1_700_000_000_000;

test("an id after another sorts behind it, whatever clock and chance say", () => {
  assert.equal(timedIdAfter(null, now, low), timedId(now, low));
  assert.equal(timedIdAfter(timedId(now - 1, high), now, low), timedId(now, low));
  for (const previous of [timedId(now, high), timedId(now, low), timedId(now + 10 * 365 * 86_400_000, high)]) {
    const next = timedIdAfter(previous, now, low);
    assert.ok(next > previous, `${next} after ${previous}`);
    assert.equal(next.length, previous.length);
  }
});

test("ids made in one millisecond with any chance come in order of making", () => {
  let previous: string | null = null;
  for (let count = 0; count < 1_000; count += 1) {
    const next: string = timedIdAfter(previous, now, Buffer.alloc(10, (count * 77) % 256));
    assert.ok(previous === null || next > previous);
    previous = next;
  }
});

test("an id between two sorts between them, another one each time, and there is none where there is no room", () => {
  const previous = timedId(now, low);
  const next = timedId(now + 1, high);
  const found = new Set<string>();
  for (let count = 0; count < 200; count += 1) {
    const id = idBetween(previous, next, Buffer.from([count, 9, 8, 7, 6, 255 - count]));
    assert.ok(id !== null && previous < id && id < next && id.length === previous.length);
    found.add(id);
  }
  assert.equal(found.size, 200);
  const bytes = (last: number) => Buffer.concat([Buffer.alloc(9, 7), Buffer.from([last])]);
  const [one, two, three] = [timedId(now, bytes(1)), timedId(now, bytes(2)), timedId(now, bytes(3))];
  assert.equal(idBetween(one, two, high), null);
  assert.equal(idBetween(one, three, high), two);
  assert.equal(idBetween(one, three, low), two);
  assert.equal(idBetween(one, one, low), null);
});
