import type { MessageRow, ReceiptRow } from "#catalogue/index.ts";
import { base32, type Clock, type ConnectorId, type Entropy, type Instant } from "#core/index.ts";
import { type Finding, failed, passed, warned } from "./report.ts";

/** What is asked of the one who tests: a mail with `word` in its subject, to be sent within the time. */
export interface CanaryCall {
  word: string;
  /** The journal address. A mail to somebody whose mail is journaled tells more than one to this address itself. */
  address: string;
  seconds: number;
}

/** What waits for a test mail. */
export interface CanaryParts {
  clock: Clock;
  /** The message in whose text or subject this word stands, once it is searchable; undefined while there is none. */
  find(word: string): Promise<MessageRow | undefined>;
  /** Resolves when something may have come, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /** Who was told 451 or 5xx since that time, in words. */
  refusedSince(since: Instant): string[];
  /** A connector's name, for mail that came another way. */
  nameOf(connector: ConnectorId): string;
}

/** Pause between two looks in milliseconds: mail may come by the hundred a second, and each look is a search. */
const lookEveryMs = 500;
/** Paths of one canary that are told: a copy may come for each of its recipients. */
const pathsTold = 5;

/** A word that no other mail has. */
export function canaryWord(entropy: Entropy): string {
  return `canary${base32(entropy.bytes(10))}`;
}

/**
 * Waits for a test mail and says what came, how long it took and which way. It ends with the time, or when `signal` aborts.
 * Mail that came through another connector counts as found, and is told as such.
 */
export async function awaitCanary(
  call: CanaryCall,
  connector: { id: ConnectorId; type: "eej" | "standard" },
  parts: CanaryParts,
  signal: AbortSignal,
): Promise<Finding> {
  const { clock } = parts;
  const sentAt = clock.now();
  const endMs = clock.elapsedMs() + call.seconds * 1_000;
  for (;;) {
    const leftMs = endMs - clock.elapsedMs();
    const ends = new AbortController();
    const stop = AbortSignal.any([signal, ends.signal]);
    // Asked for before the look, so that nothing slips in between.
    const change = Promise.race([parts.changed(stop), clock.sleep(Math.max(0, leftMs), stop)]);
    const row = await parts.find(call.word);
    if (row !== undefined || leftMs <= 0 || signal.aborted) {
      ends.abort();
      await change;
      return row === undefined
        ? missedFinding(call, parts.refusedSince(sentAt))
        : foundFinding(row, connector, sentAt, parts);
    }
    await change;
    ends.abort();
    await clock.sleep(Math.min(lookEveryMs, Math.max(0, endMs - clock.elapsedMs())), signal);
  }
}

function foundFinding(
  { receipts }: MessageRow,
  { id, type }: { id: ConnectorId; type: "eej" | "standard" },
  sentAt: Instant,
  { clock, nameOf }: CanaryParts,
): Finding {
  const own = receipts.filter(({ connector }) => connector === id);
  const told = (own.length > 0 ? own : receipts).slice(0, pathsTold);
  const seconds = (at: Instant) => `${Math.max(0, (at - sentAt) / 1_000).toFixed(1)} s`;
  const [first] = told;
  const evidence = [
    ...(first === undefined
      ? []
      : [`taken after ${seconds(first.receivedAt)}, archived after ${seconds(first.archivedAt)}`]),
    `searchable after ${seconds(clock.now())}`,
    ...told.map(pathText),
  ];
  if (first === undefined || own.length === 0) {
    const others = [...new Set(receipts.map(({ connector }) => nameOf(connector)))].join(", ");
    return failed(
      evidence,
      `The test mail came another way: through ${others}.`,
      "send journal mail to this connector's address",
      "C",
    );
  }
  const bad = own.find(({ state }) => state === "quarantined" || state === "held");
  if (bad !== undefined)
    return failed(
      evidence,
      `The test mail came and is ${bad.state}: ${bad.reason ?? "no reason told"}.`,
      "look at it in Quarantine",
    );
  if (type === "eej" && own.every(({ report }) => report === null))
    return warned(
      "C",
      evidence,
      "The test mail came as ordinary mail, without an envelope: it was sent to the journal address itself, or as a plain copy.",
      "send one to somebody whose mail is journaled, and look whether journal reports are sent",
    );
  return passed(...evidence);
}

/** Which way one capture came, by what its transfer told; nothing out of the mail. */
function pathText({ hop, report, envelope, state, flags }: ReceiptRow): string {
  const shape = report === null ? "an ordinary mail" : "a journal report";
  const people = envelope === null ? "" : `, ${envelope.recipients.length} envelope recipients`;
  const from = `from ${hop.peer ?? "an unknown peer"}${hop.helo === null ? "" : ` (${hop.helo})`}`;
  const marks = flags.length === 0 ? "" : `, ${flags.join(" ")}`;
  return `${shape}${people} ${from}, ${hop.tls ?? "in clear"}, ${state}${marks}`;
}

function missedFinding({ word, seconds }: CanaryCall, refused: readonly string[]): Finding {
  const evidence = [`no mail with ${word} came within ${seconds} s`, ...refused];
  if (refused.length > 0)
    return failed(
      evidence,
      "Somebody came meanwhile and was not let in; that may have been the test mail, which then comes again.",
      "permit the sender, if it is yours, and test again",
    );
  return failed(
    evidence,
    "Nothing came: the mail server did not send it, or cannot reach the listener.",
    "look into the mail server's queue and log at this time, and try the connection from there",
  );
}
