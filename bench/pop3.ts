import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "#cli/client.ts";
import { socketAddress } from "#cli/socket-address.ts";
import type { ConnectorId, TenantId } from "#core/index.ts";
import { type ArchivedMail, drainMailbox, networkDial, openSession } from "#pop3/index.ts";
import { createRealDisk } from "../src/disk/real.ts";
import { createFileUidls } from "../src/pop3/file-uidls.ts";
import { systemClock, systemEntropy } from "../src/server/system.ts";
import { openFileSpool } from "../src/spool/file-spool.ts";
import { type Dovecot, dovecotUser, startDovecot } from "../test/support/dovecot.ts";
import { addMailbox, type Drained } from "../test/support/mailbox.ts";
import { munimentJson, startServer } from "../test/support/server.ts";

// Time to take a whole mailbox from Dovecot and delete it there: ours into the durable spool (each message synced before it
// counts, UIDL memory on disk), and ours into the archive of a running server (unwrapped, in a pack that was read back, in the
// catalogue), beside mpop and fetchmail, which save files without syncing them. All take turns in each round, and ratios are those of
// one round: a shared machine changes its mind. mpop and fetchmail are Debian packages, installed by whoever runs this.
// MUNIMENT_BENCH_MESSAGES changes the count.

const shared = fileURLToPath(new URL("../../shared/bench/", import.meta.url));
/** One way; the round trip is twice that. */
const delayMs = 10;

const rounds = 3;

interface Client {
  name: string;
  /** Gets ready, while the mailbox is empty, and gives what takes everything at `port`. */
  prepare(port: number, folder: string): Promise<{ run(): Promise<void>; end(): Promise<void> }>;
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
    changed: (signal) => systemClock.sleep(20, signal),
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

/** A server of its own with one connector, whose mailbox is left alone until it is asked for. */
async function archived(port: number, folder: string): ReturnType<Client["prepare"]> {
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data, "--allow-private-hosts");
  const { id } = await addMailbox(data, { port });
  const run = async () => {
    // A connection of its own: one that was idle while the mailbox was filled may be closed by now.
    const { signal } = new AbortController();
    const client = createClient({ address: socketAddress(data), tenant: null, signal, reach: async () => undefined });
    for await (const { result } of client.lines<{ result: Drained }>(`/connectors/${id}/runs`))
      if (result.problem !== null || result.left !== 0)
        throw new Error(`the drain ended with ${JSON.stringify(result.problem)}`);
    client.close();
  };
  // The first look of a new connector is over: from here on it would be an hour to the next.
  await run();
  return {
    run,
    end: async () => {
      await server.stop();
    },
  };
}

/** A client that needs no preparation. */
function plain(run: (port: number, folder: string) => Promise<void>): Client["prepare"] {
  return async (port, folder) => ({ run: () => run(port, folder), end: async () => undefined });
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

const spoolName = "muniment, durable spool";
const archiveName = "muniment, archived";

const clients: Client[] = [
  { name: spoolName, prepare: plain(ours), isThere: true, package: "" },
  { name: archiveName, prepare: archived, isThere: true, package: "" },
  { name: "mpop, pipelined", prepare: plain(mpop("on")), isThere: existsSync("/usr/bin/mpop"), package: "mpop" },
  { name: "mpop, one at a time", prepare: plain(mpop("off")), isThere: existsSync("/usr/bin/mpop"), package: "mpop" },
  {
    name: "fetchmail, one batch file",
    prepare: plain(fetchmail),
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

/** Seconds that one client takes. */
async function timed(client: Client, dovecot: Dovecot, port: number, messages: readonly Buffer[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "muniment-bench-"));
  try {
    const ready = await client.prepare(port, folder);
    try {
      dovecot.deliver(messages);
      const start = performance.now();
      await ready.run();
      const seconds = (performance.now() - start) / 1000;
      if (dovecot.count() !== 0) throw new Error(`${client.name} left ${dovecot.count()} messages`);
      return seconds;
    } finally {
      await ready.end();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function measure(dovecot: Dovecot, port: number, messages: readonly Buffer[], title: string): Promise<void> {
  const bytes = messages.reduce((sum, one) => sum + one.length, 0);
  console.log(`\n${title}: ${messages.length} messages, ${(bytes / 1e6).toFixed(0)} MB, ${rounds} rounds`);
  const there = clients.filter(({ isThere }) => isThere);
  const seconds = new Map(there.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1)
    for (const client of there) seconds.get(client.name)!.push(await timed(client, dovecot, port, messages));
  const times = (name: string, own: string) =>
    median(seconds.get(name)!.map((one, round) => one / seconds.get(own)![round]!)).toFixed(2);
  for (const client of clients) {
    if (!client.isThere) {
      console.log(`${client.name.padEnd(28)} not installed: apt-get install ${client.package}`);
      continue;
    }
    const middle = median(seconds.get(client.name)!);
    const rate = (messages.length / middle).toFixed(0);
    console.log(
      `${client.name.padEnd(28)} ${middle.toFixed(2)} s  ${rate.padStart(6)} messages/s  ` +
        `spool is ${times(client.name, spoolName)}x as fast, archive ${times(client.name, archiveName)}x`,
    );
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
