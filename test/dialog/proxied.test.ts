import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { smtpLimits } from "#smtp/index.ts";
import { receiveProxyHeader } from "#smtp/proxied.ts";
import { StillClock } from "./still-clock.ts";

function begin() {
  const wire = new PassThrough();
  const clock = new StillClock();
  const stopping = new AbortController();
  const limits = { ...smtpLimits, proxyTimeoutMs: 10_000 };
  const received = receiveProxyHeader(wire as unknown as Socket, { clock, limits }, stopping.signal);
  return { wire, clock, stopping, received };
}

test("a header that comes in time is read, and what follows is left", async () => {
  const { wire, clock, received } = begin();
  wire.write("PROXY UNKN");
  clock.advance(9_999);
  wire.write("OWN\r\nEHLO x\r\n");
  assert.deepEqual(await received, { kind: "header", source: null });
  assert.equal(wire.read()?.toString(), "EHLO x\r\n");
});

test("a header that is late, and one that is still awaited when we stop, are given up", async () => {
  const late = begin();
  late.wire.write("PROXY UNKN");
  late.clock.advance(10_000);
  assert.deepEqual(await late.received, { kind: "gone" });
  const stopped = begin();
  stopped.stopping.abort();
  assert.deepEqual(await stopped.received, { kind: "gone" });
});

test("a proxy that hangs up is gone", async () => {
  const { wire, received } = begin();
  wire.end();
  assert.deepEqual(await received, { kind: "gone" });
});
