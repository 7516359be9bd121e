import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConnectorId, TenantId } from "#core/index.ts";
import { type ArchivedMail, drainMailbox, networkDial, openSession } from "#pop3/index.ts";
import { createRealDisk } from "../src/disk/real.ts";
import { createFileUidls } from "../src/pop3/file-uidls.ts";
import { systemClock, systemEntropy } from "../src/server/system.ts";
import { openFileSpool } from "../src/spool/file-spool.ts";
import { type Dovecot, dovecotUser, startDovecot } from "../test/support/dovecot.ts";

// Time to take a whole mailbox from Dovecot and delete it there: ours into the durable spool (each message synced before it
// counts, UIDL memory on disk), beside mpop and fetchmail, which save files. MUNIMENT_BENCH_MESSAGES changes the count.

const shared = fileURLToPath(new URL("../../shared/bench/", import.meta.url));
/** One way; the round trip is twice that. */
const delayMs = 10;

interface Client {
  name: string;
  /** Takes everything at `port`. */
  run(port: number, folder: string): Promise<void>;
  isThere: boolean;
  package: string;
}

async function ours(port: number, folder: string): Promise<void> {
  const disk = createRealDisk();
  const key = Buffer.alloc(32, 7);
  const surroundings = { disk, clock: systemClock, entropy: systemEntropy };
  const spool = await openFileSpool({ ...surroundings, directory: join(folder, "spool"), spoolKey: async () => key });
  const memory = createFileUidls(disk, join(folder, "pop3"));
  // Spooled counts as archived here: the others have no archive to wait for.
  const archive: ArchivedMail = {
    settled: async (captures) => new Map(captures.map(({ receipt }) => [receipt, "archived" as const])),
    changed: (signal) => systemClock.sleep(200, signal),
  };
  const signal = new AbortController().signal;
  const server = {
    host: "127.0.0.1",
    port,
    tls: "none",
    verify: { kind: "strict" },
    secrets: "clear",
    login: { kind: "password", mechanism: "best", ...dovecotUser },
    addresses: { kind: "any" },
  } as const;
  const result = await drainMailbox(
    {
      ...surroundings,
      destination: {
        tenant: "main" as TenantId,
        connector: "con_bench" as ConnectorId,
        type: "standard",
        maxAgeDays: null,
      },
      open: () => openSession(server, { dial: networkDial(), clock: systemClock }, signal),
      intake: spool,
      memory,
      archive,
      retention: { kind: "delete" },
      log: () => {},
    },
    signal,
  );
  await memory.close();
  await spool.close();
  if (result.problem !== null || result.left !== 0) throw new Error(`the drain ended with ${JSON.stringify(result)}`);
}

async function command(program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (piece: Buffer) => {
    errors += piece.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`);
}

function mpop(pipelining: "on" | "off") {
  return async (port: number, folder: string) => {
    for (const part of ["cur", "new", "tmp"]) mkdirSync(join(folder, "out", part), { recursive: true });
    const settings = [
      "account a",
      "host 127.0.0.1",
      `port ${port}`,
      `user ${dovecotUser.user}`,
      `password ${dovecotUser.password}`,
      "auth user",
      "tls off",
      "keep off",
      `pipelining ${pipelining}`,
      `uidls_file ${folder}/uidls`,
      `delivery maildir ${folder}/out`,
    ];
    writeFileSync(join(folder, "mpoprc"), `${settings.join("\n")}\n`, { mode: 0o600 });
    await command("mpop", ["-C", join(folder, "mpoprc"), "-q", "a"]);
  };
}

async function fetchmail(port: number, folder: string): Promise<void> {
  const { user, password } = dovecotUser;
  const line = `poll 127.0.0.1 protocol pop3 port ${port} username "${user}" password "${password}" sslproto "" nokeep fetchall bsmtp "${folder}/out.bsmtp"\n`;
  writeFileSync(join(folder, "rc"), line, { mode: 0o600 });
  await command("fetchmail", [
    "-f",
    `${folder}/rc`,
    "--silent",
    "--idfile",
    `${folder}/ids`,
    "--pidfile",
    `${folder}/pid`,
  ]);
}

const clients: Client[] = [
  { name: "muniment, durable spool", run: ours, isThere: true, package: "" },
  { name: "mpop, pipelined", run: mpop("on"), isThere: existsSync("/usr/bin/mpop"), package: "mpop" },
  { name: "mpop, one at a time", run: mpop("off"), isThere: existsSync("/usr/bin/mpop"), package: "mpop" },
  {
    name: "fetchmail, one batch file",
    run: fetchmail,
    isThere: existsSync("/usr/bin/fetchmail"),
    package: "fetchmail",
  },
];

/** Generated mail, the same every time. */
function generated(folder: string, count: number): Buffer[] {
  execFileSync(process.execPath, [join(shared, "gen-corpus.mjs"), folder, String(count)], { stdio: "ignore" });
  const pack = readFileSync(join(folder, "pack.bin"));
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as [number, number][];
  return index.map(([start, length]) => pack.subarray(start, start + length));
}

async function measure(dovecot: Dovecot, port: number, messages: readonly Buffer[], title: string): Promise<void> {
  console.log(
    `\n${title}: ${messages.length} messages, ${(messages.reduce((sum, one) => sum + one.length, 0) / 1e6).toFixed(0)} MB`,
  );
  let own = 0;
  for (const client of clients) {
    if (!client.isThere) {
      console.log(`${client.name.padEnd(28)} not installed: apt-get install ${client.package}`);
      continue;
    }
    const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
    try {
      dovecot.deliver(messages);
      const start = performance.now();
      await client.run(port, folder);
      const seconds = (performance.now() - start) / 1000;
      if (dovecot.count() !== 0) throw new Error(`${client.name} left ${dovecot.count()} messages`);
      if (client.run === ours) own = seconds;
      const rate = (messages.length / seconds).toFixed(0);
      console.log(
        `${client.name.padEnd(28)} ${seconds.toFixed(2)} s  ${rate.padStart(6)} messages/s  ours is ${(seconds / own).toFixed(2)}x`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Measures on loopback, and at 20 ms round trip with a tenth of the messages: one at a time is slow there. */
export async function benchPop3(): Promise<void> {
  const count = Number(process.env.MUNIMENT_BENCH_MESSAGES ?? 2_000);
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  chmodSync(folder, 0o755);
  const dovecot = await startDovecot();
  const delayedPort = dovecot.pop3Port + 1 > 65_535 ? dovecot.pop3Port - 2 : dovecot.pop3Port + 1;
  const proxy = spawn(
    process.execPath,
    [join(shared, "delay-proxy.mjs"), String(delayedPort), String(dovecot.pop3Port), String(delayMs)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const relaying = once(proxy.stdout, "data");
  try {
    const messages = generated(folder, count);
    await measure(dovecot, dovecot.pop3Port, messages, "on loopback");
    await relaying;
    await measure(dovecot, delayedPort, messages.slice(0, Math.ceil(count / 10)), "at 20 ms round trip");
  } finally {
    proxy.kill();
    await dovecot.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
