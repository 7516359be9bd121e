import assert from "node:assert/strict";
import { test } from "node:test";
import type { Destination, Hop, Instant } from "#core/index.ts";
import type { Sender } from "#spool/index.ts";
import { acme, other } from "../../test/api/kit.ts";
import { createSimClock } from "../../test/api/sim-clock.ts";
import { createMemoryDisk } from "../disk/memory.ts";
import { peerLinesMax } from "./bounded-lines.ts";
import { PeerBook } from "./peer-book.ts";
import { openPeerBook } from "./peer-file.ts";

const destination = { tenant: acme, connector: "con_1", type: "eej", maxAgeDays: null } as Destination;
const owner = { tenant: acme, id: destination.connector };
const from = (address: string): Sender => ({ address, helo: "mx.test", tls: null, user: null, certificate: null });
const hop = (peer: string): Hop => ({
  ...{ transport: "smtp", peer, helo: "mx.test", tls: "TLSv1.3 X", mailFrom: "", rcptTo: [], uidl: null },
  begunAt: 0 as Instant,
});
const refusal = { command: "RCPT", reply: "550 no", reason: "none", helo: "mx.test", recipient: "x@y.test", tls: null };

test("tries of one address are one line with their number, first and last time", async () => {
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const book = new PeerBook(clock);
  const firstAt = clock.now();
  book.turnedAway(from("192.0.2.7"), destination, "source");
  clock.advance(60_000);
  book.turnedAway(from("192.0.2.7"), destination, "tls");
  assert.deepEqual(book.of(owner).turnedAway, [
    { address: "192.0.2.7", helo: "mx.test", tls: null, times: 2, firstAt, lastAt: clock.now(), lacking: "tls" },
  ]);
});

test("a peer that delivers is no longer among those turned away", () => {
  const book = new PeerBook(createSimClock("2030-01-01T00:00:00Z"));
  book.turnedAway(from("2001:db8::1"), destination, "source");
  book.turnedAway(from("192.0.2.8"), destination, "source");
  book.delivered(hop("[2001:db8::1]:4711"), destination);
  assert.deepEqual(
    book.of(owner).turnedAway.map(({ address }) => address),
    ["192.0.2.8"],
  );
  assert.deepEqual(
    book.of(owner).delivered.map(({ address, times }) => [address, times]),
    [["2001:db8::1", 1]],
  );
});

test("no tenant sees another's peers, and what concerns no connector is kept apart", () => {
  const book = new PeerBook(createSimClock("2030-01-01T00:00:00Z"));
  book.refused({ peer: "192.0.2.7:25", ...refusal }, [owner]);
  book.refused({ peer: "192.0.2.8:25", ...refusal }, []);
  assert.deepEqual(book.of({ ...owner, tenant: other }).refused, []);
  assert.deepEqual(
    book.of(owner).refused.map(({ address }) => address),
    ["192.0.2.7"],
  );
  assert.deepEqual(
    book.of(null).refused.map(({ address }) => address),
    ["192.0.2.8"],
  );
});

test("many that come once neither fill the memory nor crowd out one that comes again", () => {
  const book = new PeerBook(createSimClock("2030-01-01T00:00:00Z"));
  for (let n = 0; n < 2; n += 1) book.turnedAway(from("192.0.2.7"), destination, "source");
  for (let n = 0; n < 10_000; n += 1) book.turnedAway(from(`10.0.${n >> 8}.${n & 255}`), destination, "source");
  const { turnedAway, forgotten } = book.of(owner);
  assert.equal(turnedAway.length, peerLinesMax);
  assert.ok(turnedAway.some(({ address, times }) => address === "192.0.2.7" && times === 2));
  assert.equal(forgotten, 10_001 - peerLinesMax);
});

test("what was noted is there again after a restart, and a damaged file is an empty book", async () => {
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const disk = createMemoryDisk();
  const parts = { disk, file: "/run/peers.json", clock, log: () => {} };
  const first = await openPeerBook(parts);
  first.book.turnedAway(from("192.0.2.7"), destination, "source");
  first.book.refused({ peer: "192.0.2.8:25", ...refusal }, []);
  await first.stop();
  const second = await openPeerBook(parts);
  assert.deepEqual(second.book.entries(), first.book.entries());
  await second.stop();
  for (const text of ["{", '{"v":1,"peers":[[null,{}]]}', '{"v":2,"peers":[]}']) {
    await disk.replace(
      parts.file,
      (async function* () {
        yield Buffer.from(text);
      })(),
    );
    const third = await openPeerBook(parts);
    assert.deepEqual(third.book.entries(), [], text);
    await third.stop();
  }
});

test("what is noted while the book is being written is written before the end", async () => {
  const memory = createMemoryDisk();
  let during: () => void = () => undefined;
  const disk: typeof memory = {
    ...memory,
    replace: async (file, bytes) => {
      const written = await memory.replace(file, bytes);
      during();
      return written;
    },
  };
  const parts = { disk, file: "/run/peers.json", clock: createSimClock("2030-01-01T00:00:00Z"), log: () => {} };
  const first = await openPeerBook(parts);
  first.book.turnedAway(from("192.0.2.7"), destination, "source");
  during = () => {
    during = () => undefined;
    first.book.turnedAway(from("192.0.2.8"), destination, "source");
  };
  await first.stop();
  const second = await openPeerBook(parts);
  assert.deepEqual(second.book.entries(), first.book.entries());
  await second.stop();
});
