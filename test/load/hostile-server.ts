import assert from "node:assert/strict";
import { join } from "node:path";
import { assertSound, search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";
import { hostileReports } from "./hostile.ts";

/** What a run of hostile messages through a real server showed. */
export interface HostileServerRun {
  reports: number;
  recipients: number;
  peakMiB: number;
  seconds: number;
}

/**
 * Sends a report around each hostile message to a real server, one after the other, and waits until all are archived; then
 * every message is found whole, and the first and last of the most recipients find theirs.
 *
 * @param scale as in {@link hostileReports}
 */
export async function hostileServerRun(folder: string, scale: number): Promise<HostileServerRun> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    await addConnector(data, "eej", "journal@archive.example");
    const begun = performance.now();
    const digests = new Map<string, string>();
    let most = 0;
    for (const { name, inner, report, recipients } of hostileReports(scale)) {
      await sendAll(server.smtpPort, "journal@archive.example", [report]);
      digests.set(name, sha256(inner));
      most = Math.max(most, recipients);
    }
    const { quarantined, received } = await settled(data);
    assert.deepEqual([quarantined, received], [0, digests.size]);
    for (const [name, digest] of digests) {
      const { total, items } = await search(data, `sha256:${digest}`);
      assert.deepEqual([total, items[0]!.state], [1, "archived"], name);
    }
    for (const number of [0, most - 1]) {
      const { items } = await search(data, `recipient:p${number}@x.example`);
      assert.ok(
        items.some((item) => item.sha256 === digests.get("recipients of a report")),
        `recipient ${number}`,
      );
    }
    await assertSound(data);
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const peakMiB = Math.round(server.peakBytes() / 1_048_576);
    assert.equal(await server.stop(), 0);
    return { reports: digests.size, recipients: most, peakMiB, seconds };
  } finally {
    await server.kill();
  }
}
