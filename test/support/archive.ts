import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerOf } from "./here.ts";
import { muniment, munimentJson } from "./server.ts";

/** One line of an export's manifest. */
export interface Exported {
  id: string;
  sha256: string;
  bytes: number;
  file: string;
}

/**
 * Exports what the query finds and checks each file against the manifest; by digest.
 *
 * @param options more of them, such as those that name the passphrase
 */
export async function exported(
  data: string,
  query: string,
  folder: string,
  options: readonly string[] = [],
): Promise<Map<string, Exported>> {
  const { code, stderr } = await muniment(["export", query, "--data", data, "--out", folder, ...options]);
  assert.equal(code, 0, stderr);
  const lines = readFileSync(join(folder, "manifest.jsonl"), "utf8").split("\n").filter(Boolean);
  const entries = lines.map((line) => JSON.parse(line) as Exported);
  for (const entry of entries) {
    const bytes = readFileSync(join(folder, entry.file));
    assert.equal(bytes.length, entry.bytes);
    assert.equal(createHash("sha256").update(bytes).digest("hex"), entry.sha256, entry.id);
  }
  return new Map(entries.map((entry) => [entry.sha256, entry]));
}

/** A page of `search`. */
export interface Found {
  total: number;
  items: {
    id: string;
    sha256: string;
    subject: string;
    from: string;
    receipts: number;
    flags: string[];
    state: string;
  }[];
}

export function search(data: string, query: string, limit = 200): Promise<Found> {
  return munimentJson<Found>(["search", query, "--data", data, "--limit", String(limit)]);
}

/** Asserts that `verify` finds nothing wrong; every flow ends with it. */
export async function assertSound(data: string, options: readonly string[] = []): Promise<void> {
  const ran = await muniment(["verify", "--data", data, "--json", ...options]);
  // In one text, which a report of failures shows to its end: what is damaged is told once, by an archive that is gone soon.
  const said = ran.code === 0 ? "" : `${ran.code ?? ran.signal}: ${ran.stdout.toString()}${ran.stderr}`;
  assert.equal(said, "");
  const { ok, damaged } = answerOf<{ ok: boolean; damaged: unknown[] }>(ran);
  assert.deepEqual([ok, damaged], [true, []]);
}
