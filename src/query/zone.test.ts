import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { describeInstant, instantAt, wallAt } from "./zone.ts";

const at = (iso: string) => Date.parse(iso) as Instant;

test("a wall clock becomes an instant by the zone's offset on that day", () => {
  for (const [year, month, day, hour, zone, iso] of [
    [2026, 1, 1, 0, "UTC", "2026-01-01T00:00:00Z"],
    [2026, 1, 1, 0, "Europe/Berlin", "2025-12-31T23:00:00Z"],
    [2026, 7, 1, 0, "Europe/Berlin", "2026-06-30T22:00:00Z"],
    [2026, 1, 1, 0, "Asia/Kolkata", "2025-12-31T18:30:00Z"],
    [2026, 1, 1, 0, "Pacific/Apia", "2025-12-31T11:00:00Z"],
    // Left out by summer time: read with the offset before it.
    [2026, 3, 29, 2, "Europe/Berlin", "2026-03-29T01:00:00Z"],
    // Shown twice: the first time counts.
    [2026, 10, 25, 2, "Europe/Berlin", "2026-10-25T00:00:00Z"],
    // The day begins at one o'clock.
    [2018, 11, 4, 0, "America/Sao_Paulo", "2018-11-04T03:00:00Z"],
    // Midnight comes twice.
    [2025, 11, 2, 0, "America/Havana", "2025-11-02T04:00:00Z"],
    // Beyond the end of a month.
    [2026, 12, 32, 0, "UTC", "2027-01-01T00:00:00Z"],
    [2026, 1, 1, 0, "+02:00", "2025-12-31T22:00:00Z"],
  ] as const) {
    assert.equal(instantAt({ year, month, day, hour, minute: 0, second: 0 }, zone), at(iso), `${iso} ${zone}`);
  }
});

test("an instant becomes the wall clock of a zone again, also before 1970", () => {
  for (const zone of ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]) {
    for (const instant of [at("2026-03-29T00:59:59Z"), at("1965-05-05T05:05:05Z"), at("2030-12-31T23:00:00Z")]) {
      assert.equal(instantAt(wallAt(instant, zone), zone), instant, zone);
    }
  }
});

test("an instant is described with zone and offset, seconds only where there are some", () => {
  assert.equal(
    describeInstant(at("2026-01-01T05:00:00Z"), "America/New_York"),
    "2026-01-01 00:00 America/New_York (UTC-05:00)",
  );
  assert.equal(
    describeInstant(at("2026-01-01T00:00:07Z"), "Asia/Kathmandu"),
    "2026-01-01 05:45:07 Asia/Kathmandu (UTC+05:45)",
  );
});

test("an unknown zone is refused", () => {
  assert.throws(() => wallAt(at("2026-01-01T00:00:00Z"), "Mars/Olympus"), RangeError);
});
