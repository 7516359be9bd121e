import assert from "node:assert/strict";
import { join } from "node:path";
import type { ConnectorId, ReceiptId, TenantId } from "#core/index.ts";
import { timedId } from "#core/index.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import { dataFolder } from "../../src/server/data-folder.ts";
import { openKeys } from "../../src/server/storage.ts";
import { systemClock, systemEntropy } from "../../src/server/system.ts";
import { openFileSpool } from "../../src/spool/file-spool.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { SmtpClient } from "../support/smtp-client.ts";

/** How long starts with a full spool took, in milliseconds from the command to a 250 for a new message. */
export interface SpooledRun {
  spooled: number;
  servingMs: number[];
  /** Items that each start found waiting. */
  waiting: number[];
}

/** Messages whose commits wait for one sync together. */
const atOnce = 500;

/** Puts messages on the spool of an archive that no server has open, as a receiver does. */
async function fillSpool(data: string, connector: ConnectorId, count: number): Promise<void> {
  const folder = dataFolder(data);
  const { keyRing } = await openKeys(folder, null);
  const spool = await openFileSpool({
    ...{ disk: createRealDisk(), directory: folder.spool, clock: systemClock, entropy: systemEntropy },
    spoolKey: (salt) => keyRing.spoolKey(salt),
  });
  const one = async (number: number) => {
    const writer = spool.open();
    await writer.write(
      Buffer.from(`From: a@example.com\r\nSubject: waiting ${number}\r\n\r\n${`${number} `.repeat(200)}\r\n`),
    );
    const now = systemClock.now();
    await writer.commit({
      receipt: `rcp_${timedId(now, systemEntropy.bytes(10))}` as ReceiptId,
      destination: { tenant: "main" as TenantId, connector, type: "standard", maxAgeDays: null },
      hop: {
        ...{ transport: "smtp", peer: "192.0.2.1:25", helo: null, tls: null, mailFrom: "", rcptTo: [], uidl: null },
        begunAt: now,
      },
      sourceKey: null,
      receivedAt: now,
    });
  };
  for (let from = 0; from < count; from += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - from) }, (_, index) => one(from + index)));
  await spool.close();
}

/**
 * Starts a server over a spool of `count` messages, takes one more, and kills it again, three times.
 *
 * @returns how long each start took until it had answered 250
 */
export async function spooledRun(folder: string, count: number): Promise<SpooledRun> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const { id } = await addConnector(data, "standard", "spooled@archive.example");
  await fillSpool(data, id as ConnectorId, count);
  const run: SpooledRun = { spooled: count, servingMs: [], waiting: [] };
  for (let round = 0; round < 3; round += 1) {
    const begun = performance.now();
    const server = await startServer(data);
    try {
      const client = await SmtpClient.open(server.smtpPort);
      const bytes = Buffer.from(`Subject: new ${round}\r\n\r\nnew\r\n`);
      assert.match(await client.send("spooled@archive.example", bytes), /^250/);
      run.servingMs.push(Math.round(performance.now() - begun));
      run.waiting.push(Number(/(\d+) messages were accepted and not yet archived/.exec(server.stderr())?.[1] ?? 0));
      client.destroy();
    } finally {
      await server.kill();
    }
  }
  return run;
}
