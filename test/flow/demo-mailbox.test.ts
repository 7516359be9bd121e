import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { testFolder } from "../support/folder.ts";
import { munimentJson } from "../support/server.ts";

const program = fileURLToPath(new URL("../../bin/muniment", import.meta.url));

interface Connector {
  description: string;
  status: string;
  statusReason: string;
  archived: number;
}

/** The longest time in milliseconds until the console names a fault. */
const namedWithinMs = 10_000;

test("keys break and mend the demo's mailbox, and the connector names each fault within ten seconds", async (context) => {
  const data = join(testFolder(context), "demo");
  // Keys are heard on a terminal only; script(1) is one.
  const command = `exec ${program} demo --data ${data} --http 127.0.0.1:0 --smtp 127.0.0.1:0`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  context.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (pattern: RegExp) => {
    for (let next = await lines.next(); !next.done; next = await lines.next()) if (pattern.test(next.value)) return;
    throw new Error(`the demo ended without ${pattern}`);
  };
  const becomes = async (isSo: (connector: Connector) => boolean) => {
    const begun = Date.now();
    for (;;) {
      const all = await munimentJson<Connector[]>(["connectors", "list", "--data", data]);
      const mailbox = all.find(({ description }) => description === "Branch mailbox");
      if (mailbox !== undefined && isSo(mailbox)) return;
      if (Date.now() - begun > namedWithinMs) throw new Error(`not named: ${JSON.stringify(mailbox)}`);
    }
  };
  await line(/14 archived · 2 duplicate/);
  await becomes(({ status }) => status === "running");
  const faults: [string, RegExp][] = [
    ["wrong password", /refuses these credentials/],
    ["expired certificate", /expired/],
    ["locked mailbox", /open in another session/],
    ["server gone", /does not answer/],
  ];
  for (const [fault, words] of faults) {
    child.stdin.write("b");
    await line(new RegExp(`BROKEN: ${fault}`));
    await becomes(({ status, statusReason }) => status !== "running" && words.test(statusReason));
    child.stdin.write("f");
    await line(/MENDED/);
    await becomes(({ status }) => status === "running");
  }
  await becomes(({ archived }) => archived > 0);
  child.stdin.write("q");
  const [code] = (await ended) as [number | null];
  assert.equal(code, 0);
});
