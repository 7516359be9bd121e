import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowd } from "./crowd.ts";
import { smtpLimits } from "./limits.ts";

const expected = "192.0.2.25";

function crowdOf(connectionsMax: number, connectionsOfOthersMax: number, connectionsPerAddressMax: number): Crowd {
  const limits = { ...smtpLimits, connectionsMax, connectionsOfOthersMax, connectionsPerAddressMax };
  return new Crowd(limits, (address) => address === expected);
}

/** What became of connections from these addresses, one after the other. */
function arrivals(crowd: Crowd, addresses: readonly string[]): (string | null)[] {
  return addresses.map((address) => {
    const place = crowd.enter();
    if (place === null) return "full";
    const crowding = place.claim(address);
    if (crowding !== null) place.leave();
    return crowding;
  });
}

test("one address takes no more than its places", () => {
  assert.deepEqual(arrivals(crowdOf(10, 10, 2), ["a", "a", "a", "b", "a"]), [null, null, "address", null, "address"]);
});

test("all strangers together leave the places kept for expected senders", () => {
  const crowd = crowdOf(4, 2, 10);
  assert.deepEqual(arrivals(crowd, ["a", "b", "c", expected, expected]), [null, null, "others", null, null]);
});

test("an expected sender has as many places as there are", () => {
  const crowd = crowdOf(5, 2, 1);
  assert.deepEqual(arrivals(crowd, Array(6).fill(expected)), [null, null, null, null, null, "full"]);
});

test("who leaves makes room once, in every count", () => {
  const crowd = crowdOf(2, 1, 1);
  const first = crowd.enter();
  assert.equal(first?.claim("a"), null);
  assert.deepEqual(arrivals(crowd, ["a"]), ["address"]);
  first?.leave();
  first?.leave();
  assert.deepEqual(arrivals(crowd, ["b", "c", expected, expected]), [null, "others", null, "full"]);
});

test("who was refused a place of its address keeps none", () => {
  const crowd = crowdOf(3, 3, 1);
  assert.deepEqual(arrivals(crowd, ["a", "a", "a", "a", "b", "c"]), [
    null,
    "address",
    "address",
    "address",
    null,
    null,
  ]);
});
