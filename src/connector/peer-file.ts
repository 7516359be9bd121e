import { type Clock, failureFacts, isFailure, type Log } from "#core/index.ts";
import type { Bytes, Disk } from "#disk/index.ts";
import { PeerBook } from "./peer-book.ts";
import type { PeerLists, PeerOwner } from "./peer-lines.ts";

/** A peer book that outlives the process. */
export interface KeptPeers {
  book: PeerBook;
  /** Writes what is new and ends. Never rejects. */
  stop(): Promise<void>;
}

/** How often a changed book is written, in milliseconds: what a crash takes away is a minute of counting. */
const peersWriteMs = 60_000;
/** Largest file that is believed, in bytes: some ten thousand busy connectors. */
const fileBytesMax = 256 * 1024 * 1024;
const version = 1;

/**
 * Opens the peer book in `file`, see docs/formats/peers.md. One that cannot be read is as good as none.
 *
 * Logs `peers.write-failure` when it cannot be written, and tries again.
 */
export async function openPeerBook(parts: { disk: Disk; file: string; clock: Clock; log: Log }): Promise<KeptPeers> {
  const { disk, file, clock, log } = parts;
  const book = new PeerBook(clock);
  book.restore(await readEntries(disk, file));
  let written = book.changes;
  const write = async () => {
    const { changes } = book;
    if (changes === written) return;
    try {
      await disk.replace(file, asBytes(JSON.stringify({ v: version, peers: book.entries() }) + "\n"));
      written = changes;
    } catch (error) {
      const { code, message } = failureFacts(error);
      log("peers.write-failure", { code, message });
    }
  };
  const stopping = new AbortController();
  const kept = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(peersWriteMs, stopping.signal);
      await write();
    }
  })();
  return {
    book,
    async stop() {
      stopping.abort();
      await kept;
      // What was noted while the last writing was under way.
      await write();
    },
  };
}

async function* asBytes(text: string): Bytes {
  yield Buffer.from(text);
}

async function readEntries(disk: Disk, file: string): Promise<[PeerOwner | null, PeerLists][]> {
  try {
    const bytes = await disk.size(file);
    if (bytes === undefined || bytes > fileBytesMax) return [];
    const read: unknown = JSON.parse(Buffer.from(await disk.read(file)).toString("utf8"));
    return isBook(read) ? read.peers : [];
  } catch (error) {
    if (isFailure(error) || error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Whether it is a book of ours as far as reading it back depends on; its words are shown and nothing more. */
function isBook(value: unknown): value is { peers: [PeerOwner | null, PeerLists][] } {
  if (typeof value !== "object" || value === null) return false;
  const { v, peers } = value as { v?: unknown; peers?: unknown };
  return v === version && Array.isArray(peers) && peers.every(isEntry);
}

function isEntry(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [owner, lists] = value as [unknown, Partial<PeerLists> | null];
  const isOwner = owner === null || (typeof owner === "object" && typeof (owner as PeerOwner).id === "string");
  const all: unknown[] = [lists?.delivered, lists?.turnedAway, lists?.refused];
  return isOwner && all.every((list) => Array.isArray(list) && list.every(isLine));
}

function isLine(value: unknown): boolean {
  const { address, times, lastAt } = (value ?? {}) as { address?: unknown; times?: unknown; lastAt?: unknown };
  return typeof address === "string" && typeof times === "number" && typeof lastAt === "number";
}
