import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { Peer } from "../dialog/peer.ts";
import { onStage, testCertificate } from "../dialog/peer.ts";

/** Pieces of which a session is made: commands, halves of them, ends of bodies, and plain noise. */
const fragments = [
  "EHLO x\r\n",
  "HELO x\r\n",
  "STARTTLS\r\n",
  "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n",
  "AUTH LOGIN\r\n",
  "MAIL FROM:<a@b.test>\r\n",
  "MAIL FROM:<> SIZE=10 BODY=BINARYMIME REQUIRETLS\r\n",
  "RCPT TO:<journal@acme.test>\r\n",
  "RCPT TO:<nobody@acme.test>\r\n",
  "DATA\r\n",
  "BDAT 7\r\n",
  "BDAT 3 LAST\r\n",
  "BDAT 99999999999999999999\r\n",
  "RSET\r\n",
  "NOOP\r\n",
  "QUIT\r\n",
  "PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n",
  "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c",
  "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
  "GET / HTTP/1.1\r\n",
  "\r\n.\r\n",
  ".\r\n",
  "\n.\n",
  "\r",
  "x".repeat(3_000),
  "Subject: x\r\n\r\nbody\r\n",
].map((text) => Buffer.from(text, "latin1"));

/** Numbers from a seed (mulberry32): the same seed, the same sessions. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What many random sessions came to. */
export interface Fuzzed {
  sessions: number;
  accepted: number;
  abandoned: number;
  /** How sessions ended, by the word in the log. */
  endings: Record<string, number>;
}

/**
 * Holds `count` random sessions with real listeners, one in clear with STARTTLS and one where TLS comes first, several at
 * once. Throws when a session breaks or does not end, or when file descriptors are left.
 */
export async function fuzzSmtp(seed: number, count: number, sessionsAtOnce = 20): Promise<Fuzzed> {
  const below = numbersFrom(seed);
  const before = openFiles();
  const total: Fuzzed = { sessions: 0, accepted: 0, abandoned: 0, endings: {} };
  // Taken down now and then, so that the listeners' memory of what they took stays small.
  while (total.sessions < count) {
    const round = Math.min(1_000, count - total.sessions);
    const isTlsFirst = below(10) === 0;
    const { intake, logged } = await onStage(
      { badCommandsMax: 20 },
      async ({ peer }) => {
        let left = round;
        const work = async () => {
          while (left > 0) {
            left -= 1;
            await oneSession(peer(`127.0.0.${1 + below(250)}`), below, isTlsFirst);
          }
        };
        await Promise.all(Array.from({ length: sessionsAtOnce }, work));
      },
      { certificate: () => testCertificate(), isTlsFirst, authenticate: async (user) => user === "ann" },
    );
    total.sessions += round;
    total.accepted += intake.items.length;
    total.abandoned += intake.abandoned;
    for (const { fields } of logged.filter(({ event }) => event === "smtp-session")) {
      const ending = String(fields.ending);
      total.endings[ending] = (total.endings[ending] ?? 0) + 1;
    }
  }
  // The client's ends are closed in later turns; Node.js itself may have opened a few files meanwhile.
  for (let turn = 0; turn < 1_000 && openFiles() > before + 5; turn += 1)
    await new Promise((done) => setImmediate(done));
  assert.ok(openFiles() <= before + 5, `${openFiles()} files are open, ${before} were before`);
  return total;
}

/** Half of them begin as a mail server would, so that deep states are reached; some speak TLS. */
async function oneSession(peer: Peer, below: (bound: number) => number, isTlsFirst: boolean): Promise<void> {
  const isSecure = isTlsFirst && below(3) > 0 && (await peer.secure()) !== null;
  const hears = !isTlsFirst || isSecure;
  if (hears && below(4) > 0) await peer.reply();
  if (hears && below(2) === 0) {
    peer.send(Buffer.from("EHLO x\r\n"));
    await peer.reply();
    peer.send(Buffer.from("MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\n"));
    for (let replies = 0; replies < 2; replies += 1) await peer.reply();
  }
  for (let piece = below(8); piece >= 0; piece -= 1) {
    const bytes =
      below(5) === 0
        ? Buffer.from(Array.from({ length: below(64) }, () => below(256)))
        : fragments[below(fragments.length)]!;
    peer.send(bytes);
    if (below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (below(8) === 0) peer.drop();
  else peer.hangUp();
  await peer.rest();
  peer.drop();
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}
