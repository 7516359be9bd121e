import { connect } from "node:net";
import { Failure, isFailure, must } from "#core/index.ts";
import type { RunningArchive } from "#server/index.ts";
import { type Client, createClient, interrupted } from "./client.ts";
import { loadServer, type ServerDoor } from "./server-door.ts";
import { passphraseOption, type Settings } from "./settings.ts";
import { socketAddress } from "./socket-address.ts";

/** How long a command waits for a process that holds the archive and does not listen yet or any more, in ms. */
const lockedWaitMs = 10_000;
const lockedPollMs = 100;

/** What a session needs to reach an archive, running or not. */
export interface SessionOptions {
  settings: Settings;
  /** Aborts on the first signal: the work ends early. */
  signal: AbortSignal;
  /** Aborts on the second: closing hurries. */
  hurry: AbortSignal;
  isVerbose: boolean;
  /** Where the server comes from when this process has to open the archive. */
  load?: () => Promise<ServerDoor>;
  /** Monotonic milliseconds. */
  now?: () => number;
}

/**
 * Runs `work` with a client of the archive: through the server that has it open, or else by opening it in this process
 * for as long as the work takes.
 *
 * When that server stops in between, this process opens the archive and the work goes on. Throws `ARCHIVE-MISSING`, and
 * `ARCHIVE-LOCKED` when a process holds the archive for 10 s without listening.
 */
export async function withArchive<T>(options: SessionOptions, work: (client: Client) => Promise<T>): Promise<T> {
  const { settings, signal, hurry, now = () => performance.now() } = options;
  const address = socketAddress(settings.data);
  let opened: RunningArchive | null = null;
  let reaching: Promise<void> | null = null;

  async function reach(): Promise<void> {
    const deadline = now() + lockedWaitMs;
    while (!(await isListening(address))) {
      must(opened === null, "an archive that is open here can be reached");
      try {
        opened = await open(options);
        return;
      } catch (error) {
        if (!isFailure(error, "ARCHIVE-LOCKED") || now() > deadline) throw error;
      }
      if (signal.aborted) throw interrupted();
      await new Promise((resolve) => setTimeout(resolve, lockedPollMs));
    }
  }
  function reachOnce(): Promise<void> {
    reaching ??= reach().finally(() => {
      reaching = null;
    });
    return reaching;
  }

  await reachOnce();
  const client = createClient({ address, tenant: settings.tenant, signal, reach: reachOnce });
  try {
    return await work(client);
  } finally {
    client.close();
    await (opened as RunningArchive | null)?.close(hurry);
  }
}

async function open({ settings, isVerbose, load = loadServer }: SessionOptions): Promise<RunningArchive> {
  const { openArchive } = await load();
  return openArchive({
    data: settings.data,
    ...passphraseOption(settings),
    listen: { http: null, smtp: null, socket: socketAddress(settings.data) },
    logLevel: isVerbose ? "warn" : "silent",
  });
}

/** Whether a process takes connections at `address`. */
function isListening(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (error.code !== "EACCES" && error.code !== "EPERM") resolve(false);
      else reject(new Failure("SOCKET-FORBIDDEN", "never", `no permission to use the archive of ${address}`));
    });
  });
}
