import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound } from "../support/archive.ts";
import { assertLedger, crashArchive, crashPoints, crashRun, isOften } from "../support/crash-run.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startFaultyServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

test("stopped before and after each call between socket and search index, no acknowledged message is lost", async (context) => {
  const folder = testFolder(context);
  const archive = await crashArchive(folder);
  const ledger = new Set<string>();
  const seed = Number(process.env.MUNIMENT_SEED ?? Math.floor(performance.timeOrigin));
  const unreached: string[] = [];
  for (const [index, point] of crashPoints.entries())
    for (const moment of ["before", "after"]) {
      const nth = isOften(point) ? 1 + ((seed + index) % 3) : 1;
      const fault = `kill:${moment}:${point}:${nth}`;
      const run = await crashRun(archive, fault, seed + index, ledger);
      if (!run.isReached) unreached.push(fault);
    }
  console.log(
    `crash points: ${crashPoints.length * 2} stops, ${ledger.size} messages acknowledged, seed ${seed}; not reached: ${unreached.join(" ") || "none"}`,
  );
  // The spool's directory is synced only when a segment is made, which a recycled one spares.
  assert.deepEqual(
    unreached.filter((fault) => !fault.includes("spool.directory-sync")),
    [],
  );
  await assertLedger(archive.data, join(folder, "export"), ledger);
  await assertSound(archive.data);
});

test("a sync that fails once is answered 451 and never believed, and the server heals by itself", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startFaultyServer("fail:EIO:spool.sync:3", data);
  context.after(() => server.kill());
  await addConnector(data, "standard", "one@archive.example");
  const replies: string[] = [];
  for (let index = 0; replies.filter((reply) => reply.startsWith("250")).length < 6; index += 1) {
    const client = await SmtpClient.open(server.smtpPort);
    try {
      replies.push(await client.send("one@archive.example", Buffer.from(`Subject: ${index}\r\n\r\n${index}\r\n`)));
    } catch (error) {
      // 421 at MAIL while the spool is being checked: the sender comes again, as every mail server does.
      replies.push(String((error as Error).message));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    client.destroy();
    assert.ok(index < 100, replies.join("\n"));
  }
  const accepted = replies.filter((reply) => reply.startsWith("250")).length;
  assert.ok(
    replies.some((reply) => reply.startsWith("451")),
    replies.join("\n"),
  );
  assert.ok(!replies.some((reply) => /^5/.test(reply)));
  assert.equal((await settled(data)).archived, accepted, "what was answered 451 is not archived later");
  assert.equal(await server.stop(), 0);
  await assertSound(data);
});
