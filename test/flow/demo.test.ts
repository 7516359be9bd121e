import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertSound, search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { muniment } from "../support/server.ts";

const program = fileURLToPath(new URL("../../bin/muniment", import.meta.url));
const anyPorts = ["--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"];

/** A demo in a process of its own; it is ended with the test at the latest. */
function startDemo(context: TestContext, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(program, ["demo", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  context.after(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => {
    stderr += piece.toString();
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    stderr: () => stderr,
    /** What `pattern` finds in the first line that it fits. */
    async line(pattern: RegExp): Promise<RegExpExecArray> {
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        const found = pattern.exec(next.value);
        if (found !== null) return found;
      }
      throw new Error(`the demo ended without ${pattern}: ${stderr}`);
    },
    async end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

test("the demo shows a claim link and its first message, archives its samples, and leaves nothing", async (context) => {
  const data = join(testFolder(context), "demo");
  const demo = startDemo(context, ["--data", data, ...anyPorts]);
  await demo.line(/Mail push +SMTP 127\.0\.0\.1:\d+ /);
  const [, origin, token] = await demo.line(/Console +(http:\/\/127\.0\.0\.1:\d+)\/claim#(\S+) /);
  const [first] = await demo.line(/FIRST MESSAGE ARCHIVED.*/);
  assert.equal(
    first,
    'FIRST MESSAGE ARCHIVED  "Quay 7 lease: fourth draft"  4 recipients, 1 seen only in the envelope (Bcc)',
  );
  await demo.line(/14 archived · 2 duplicate · 1 quarantined · 1 held$/);

  assert.equal((await fetch(`${origin}/api/v1/claim?token=${token}`)).status, 200);
  assert.equal((await search(data, "recipient:eve.moreau@harbour.example subject:lease")).total, 1);
  assert.equal((await search(data, "is:held")).total, 1);
  await assertSound(data);

  assert.equal(await demo.end("SIGINT"), 0);
  assert.equal(existsSync(data), false);
  assert.equal(demo.stderr(), "");
});

test("the demo goes to free ports where the wished ones are taken, and heeds no setting of a real archive", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "demo");
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  context.after(() => squatter.close());
  const { port } = squatter.address() as AddressInfo;
  const taken = `127.0.0.1:${port}`;
  const demo = startDemo(context, ["--data", data, "--http", taken, "--smtp", taken, "--keep"], {
    MUNIMENT_HTTP: "0.0.0.0:0",
    MUNIMENT_PASSPHRASE_FILE: join(folder, "none"),
  });
  await demo.line(new RegExp(`Mail push +SMTP 127\\.0\\.0\\.1:\\d+ .*port ${port} is taken`));
  await demo.line(new RegExp(`Console +http://127\\.0\\.0\\.1:\\d+/.*port ${port} is taken`));
  await demo.line(/FIRST MESSAGE ARCHIVED/);
  assert.equal(await demo.end("SIGTERM"), 0);
  assert.match(demo.stderr(), /^Kept\. .*muniment serve --data /);
  assert.equal((await search(data, "recipient:eve.moreau@harbour.example subject:lease")).total, 1);
});

test("the demo refuses a folder that is not a demo's, and an address that others could reach", async (context) => {
  const folder = testFolder(context);
  writeFileSync(join(folder, "theirs"), "x");
  const foreign = await muniment(["demo", "--data", folder, ...anyPorts]);
  assert.deepEqual([foreign.code, readdirSync(folder)], [1, ["theirs"]]);
  assert.match(foreign.stderr, /DEMO-FOLDER/);
  const open = await muniment(["demo", "--data", join(folder, "demo"), "--http", "0.0.0.0:0"]);
  assert.deepEqual([open.code, existsSync(join(folder, "demo"))], [2, false]);
});
