import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, "bin", "muniment");

/** What a command printed and how it ended. */
export interface Ran {
  code: number | null;
  /** The signal that ended it, where that was one. */
  signal?: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

/** Runs one command to its end. */
export async function muniment(args: readonly string[], input?: string): Promise<Ran> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => out.push(piece));
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  child.stdin.end(input ?? "");
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

/** Runs one command with --json and gives what it answered; throws when it failed. */
export async function munimentJson<Answer>(args: readonly string[]): Promise<Answer> {
  const { code, signal, stdout, stderr } = await muniment([...args, "--json"]);
  // What it said comes first and how it ended last: reports of failures are cut from the front.
  const end = `muniment ${args.join(" ")} ended with ${code ?? signal}`;
  if (code !== 0) throw new Error(`${stdout.toString()}${stderr}${end}`);
  return JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "") as Answer;
}

/** A server of the test's own, in a process of its own. */
export interface TestServer {
  pid: number;
  http: string;
  smtpPort: number;
  /** Where TLS comes first; NaN when that was not asked for. */
  smtpsPort: number;
  claimUrl: string | undefined;
  /** What it has said on standard error so far. */
  stderr(): string;
  /** Highest resident memory of the process so far, in bytes (VmHWM). */
  peakBytes(): number;
  /** Resident memory of the process now, in bytes (VmRSS). */
  residentBytes(): number;
  /** Resolves with the exit code when it has ended, null when by a signal. */
  ended: Promise<number | null>;
  /** Ends it as an operator would, and waits. */
  stop(): Promise<number | null>;
  /** Ends it as a power button would, and waits. */
  kill(): Promise<void>;
}

function memoryOf(pid: number, field: "VmHWM" | "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024;
}

async function readyLine(child: ChildProcess, stderr: () => string): Promise<string> {
  if (child.stdout === null) throw new Error("no standard output");
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("ready ")) return line;
  throw new Error(`the server ended before it was ready: ${stderr()}`);
}

/** Starts `serve` on free ports of loopback and resolves when it is ready. */
export function startServer(data: string, ...more: string[]): Promise<TestServer> {
  return startServerWith({}, data, ...more);
}

/** As {@link startServer}, with an injected fault: see fault-injector.ts for what it may be. */
export function startFaultyServer(fault: string, data: string): Promise<TestServer> {
  const injector = new URL("./fault-injector.ts", import.meta.url).href;
  return startServerWith({ MUNIMENT_TEST_FAULT: fault, NODE_OPTIONS: `--import=${injector}` }, data);
}

/** As {@link startServer}, with code that fails on some mail: see poisoned-storing.ts. */
export function startPoisonedServer(data: string): Promise<TestServer> {
  const poison = new URL("./poisoned-storing.ts", import.meta.url).href;
  return startServerWith({ NODE_OPTIONS: `--import=${poison}` }, data);
}

/** As {@link startServer}, with more in its environment. */
export async function startServerWith(
  env: Record<string, string>,
  data: string,
  ...more: string[]
): Promise<TestServer> {
  const args = ["serve", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", ...more];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => {
    stderr += piece.toString();
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  const ready = await readyLine(child, () => stderr);
  const pid = child.pid as number;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code] = await ended;
    return code;
  };
  return {
    pid,
    http: /http=(\S+)/.exec(ready)?.[1] ?? "",
    stderr: () => stderr,
    smtpsPort: Number(/smtps=\S+:(\d+)/.exec(ready)?.[1]),
    smtpPort: Number(/smtp=\S+?:(\d+)/.exec(ready)?.[1]),
    claimUrl: /http:\/\/\S+\/claim#\S+/.exec(stderr)?.[0],
    peakBytes: () => memoryOf(pid, "VmHWM"),
    residentBytes: () => memoryOf(pid, "VmRSS"),
    ended: ended.then(([code]) => code),
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}

/** What `connectors add` was given, with defaults that suit tests. */
export function addConnector(data: string, type: "eej" | "standard", address: string): Promise<{ id: string }> {
  const args = ["connectors", "add", "--data", data, "--transport", "smtp", "--type", type];
  return munimentJson([...args, "--description", `${type} ${address}`, "--address", address, "--max-age", "off"]);
}
