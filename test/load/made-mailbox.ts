import { createServer, type Socket } from "node:net";
import { largePieces } from "./large.ts";

/** A mailbox whose messages are made as they are asked for: it may be larger than memory. */
export interface MadeMailbox {
  port: number;
  /** Messages that are left. */
  left(): number;
  /** Messages that were fetched whole so far, the same one as often as it was. */
  retrieved(): number;
  /** Octets of the trickling message that were said so far, over all sessions. */
  trickled(): number;
  stop(): Promise<void>;
}

/** What is in the mailbox. */
export interface MadeContents {
  /** Small messages. */
  count: number;
  /** Sizes in octets of large ones, which stand among the small ones, evenly. */
  large: readonly number[];
  /** Whether the first message comes at one octet a second, and never ends. */
  isTrickling: boolean;
}

/** The octets of message `number`, from 1, in pieces. No line begins with a dot, so that none has to be doubled. */
export function* madeMessage({ count, large }: MadeContents, number: number): Generator<Buffer> {
  const size = largeAt(count, large, number);
  if (size !== undefined) {
    yield* largePieces(number, size);
    return;
  }
  const head = `From: a${number % 500}@test.example\r\nTo: b@test.example\r\nSubject: made ${number}\r\nMessage-ID: <${number}@test.example>\r\n`;
  const lines = 5 + (number % 40);
  const text = Array.from({ length: lines }, (_, line) => `Line ${line} of ${number}, which nobody reads.`).join(
    "\r\n",
  );
  yield Buffer.from(`${head}Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n\r\n${text}\r\n`);
}

/** How many messages there are in all. */
export function madeCount({ count, large }: MadeContents): number {
  return count + large.length;
}

function largeAt(count: number, large: readonly number[], number: number): number | undefined {
  const every = Math.floor((count + large.length) / (large.length + 1));
  return number % every === 0 ? large[number / every - 1] : undefined;
}

/** Starts it on loopback. One session at a time, as POP3 has it; deletions count at QUIT. */
export async function startMadeMailbox(contents: MadeContents): Promise<MadeMailbox> {
  const total = madeCount(contents);
  const sizes = new Uint32Array(total + 1);
  for (let number = 1; number <= total; number += 1)
    for (const piece of madeMessage(contents, number)) sizes[number]! += piece.length;
  const isThere = new Uint8Array(total + 1).fill(1, 1);
  const counts = { left: total, retrieved: 0, trickled: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    converse(socket, contents, sizes, isThere, counts).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    left: () => counts.left,
    retrieved: () => counts.retrieved,
    trickled: () => counts.trickled,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function converse(
  socket: Socket,
  contents: MadeContents,
  sizes: Uint32Array,
  isThere: Uint8Array,
  counts: { left: number; retrieved: number; trickled: number },
): Promise<void> {
  const listed: number[] = [];
  for (let number = 1; number < sizes.length; number += 1) if (isThere[number] === 1) listed.push(number);
  const marked = new Set<number>();
  const say = async (piece: string | Buffer) => {
    if (!socket.write(piece)) await drainedOrClosed(socket);
    if (socket.destroyed) throw new Error("gone");
  };
  const list = (of: (number: number) => string | number) =>
    say(`+OK\r\n${listed.map((number, at) => `${at + 1} ${of(number)}\r\n`).join("")}.\r\n`);
  const obey = async (verb: string, argument: number): Promise<boolean> => {
    const number = listed[argument - 1]!;
    switch (verb) {
      case "CAPA":
        await say("+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n");
        return true;
      case "STAT":
        await say(`+OK ${listed.length} ${listed.reduce((sum, one) => sum + sizes[one]!, 0)}\r\n`);
        return true;
      case "LIST":
        await list((one) => sizes[one]!);
        return true;
      case "UIDL":
        await list((one) => `made-${one}`);
        return true;
      case "TOP": {
        const [first] = madeMessage(contents, number);
        const end = first!.indexOf("\r\n\r\n");
        await say(`+OK\r\n${first!.subarray(0, end + 4).toString("latin1")}.\r\n`);
        return true;
      }
      case "RETR":
        await say("+OK\r\n");
        if (contents.isTrickling && number === 1) return trickle(socket, counts);
        for (const piece of madeMessage(contents, number)) await say(piece);
        await say(".\r\n");
        counts.retrieved += 1;
        return true;
      case "DELE":
        marked.add(number);
        await say("+OK\r\n");
        return true;
      case "QUIT":
        for (const one of marked) isThere[one] = 0;
        counts.left -= marked.size;
        socket.end("+OK\r\n");
        return false;
      default:
        await say("+OK\r\n");
        return true;
    }
  };
  await say("+OK made\r\n");
  let text = "";
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    const lines = text.split("\r\n");
    text = lines.pop()!;
    for (const line of lines) {
      const [verb = "", argument = "0"] = line.split(" ");
      if (!(await obey(verb.toUpperCase(), Number(argument)))) return;
    }
  }
}

/** One octet a second until the client goes away. */
async function trickle(socket: Socket, counts: { trickled: number }): Promise<false> {
  const timer = setInterval(() => {
    socket.write("x");
    counts.trickled += 1;
  }, 1_000);
  await closed(socket);
  clearInterval(timer);
  return false;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
}

function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
    if (socket.destroyed) done();
  });
}
