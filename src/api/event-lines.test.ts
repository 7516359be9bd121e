import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimClock } from "../../test/api/sim-clock.ts";
import { eventIntervalMs, eventLines, heartbeatMs } from "./event-lines.ts";

function createSource() {
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const stopping = new AbortController();
  const waiters = new Set<() => void>();
  const listeners = new Set<() => void>();
  const source = {
    clock,
    stopping,
    waiters,
    listeners,
    value: 1,
    isAllowed: true,
    /** As the archive's: nobody hears of a change who does not wait. */
    change() {
      for (const wake of [...waiters]) wake();
    },
    editConnector() {
      for (const listener of listeners) listener();
    },
  };
  const lines = eventLines({
    clock,
    signal: stopping.signal,
    archiveChanged: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiters.delete(wake);
          resolve();
        };
        waiters.add(wake);
        signal.addEventListener("abort", wake);
      }),
    onConnectorsChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isStillAllowed: async () => source.isAllowed,
    snapshot: async () => ({ connectors: { value: source.value }, status: {} }),
  });
  return { source, lines };
}

/** Waits, without a clock, until what is under way has settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

async function twoEvents(lines: AsyncGenerator<string>): Promise<string> {
  return `${(await lines.next()).value}${(await lines.next()).value}`;
}

function events(firstId: number, value: number): string {
  return `id: ${firstId}\nevent: connectors\ndata: {"value":${value}}\n\nid: ${firstId + 1}\nevent: status\ndata: {}\n\n`;
}

test("the first events are a snapshot, and a change brings the next with increasing ids", async () => {
  const { source, lines } = createSource();
  assert.equal(await twoEvents(lines), events(1, 1));
  const next = twoEvents(lines);
  await settle();
  source.value = 2;
  source.change();
  source.clock.advance(eventIntervalMs);
  assert.equal(await next, events(3, 2));
});

test("many changes within half a second bring one snapshot, and not before it is over", async () => {
  const { source, lines } = createSource();
  await twoEvents(lines);
  let isTold = false;
  const next = twoEvents(lines).then((text) => {
    isTold = true;
    return text;
  });
  await settle();
  for (const value of [2, 3, 4]) {
    source.value = value;
    source.change();
  }
  source.clock.advance(eventIntervalMs - 1);
  await settle();
  assert.equal(isTold, false);
  source.clock.advance(1);
  assert.equal(await next, events(3, 4));
});

test("a change while the snapshot is being taken is not missed", async () => {
  const { source, lines } = createSource();
  await lines.next();
  source.value = 2;
  source.change();
  await lines.next();
  const next = twoEvents(lines);
  await settle();
  source.clock.advance(eventIntervalMs);
  assert.equal(await next, events(3, 2));
});

test("an edited connector counts as a change", async () => {
  const { source, lines } = createSource();
  await twoEvents(lines);
  const next = twoEvents(lines);
  await settle();
  source.clock.advance(eventIntervalMs);
  await settle();
  source.editConnector();
  assert.equal(await next, events(3, 1));
});

test("silence is broken by a heartbeat every 15 seconds", async () => {
  const { source, lines } = createSource();
  await twoEvents(lines);
  const first = lines.next();
  await settle();
  source.clock.advance(eventIntervalMs);
  await settle();
  source.clock.advance(heartbeatMs);
  assert.equal((await first).value, ": heartbeat\n\n");
  const second = lines.next();
  await settle();
  source.clock.advance(heartbeatMs);
  assert.equal((await second).value, ": heartbeat\n\n");
});

test("whoever may no longer listen hears no more", async () => {
  const { source, lines } = createSource();
  await twoEvents(lines);
  const next = lines.next();
  await settle();
  source.isAllowed = false;
  source.change();
  source.clock.advance(eventIntervalMs);
  assert.equal((await next).done, true);
});

test("a stream that ends leaves no listener, no waiter and no sleep behind", async () => {
  const { source, lines } = createSource();
  await twoEvents(lines);
  const next = lines.next();
  await settle();
  source.stopping.abort();
  assert.equal((await next).done, true);
  assert.deepEqual([source.listeners.size, source.waiters.size, source.clock.sleeping()], [0, 0, 0]);
});
