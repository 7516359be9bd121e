import type { Clock, Instant } from "#core/index.ts";
import type { CanaryCall } from "./canary.ts";
import {
  type Finding,
  failed,
  gradeOf,
  passed,
  type StepName,
  type StepReport,
  stepOf,
  type TestReport,
  warned,
} from "./report.ts";
import { certificateDaysWarned } from "./server-steps.ts";

/** What is known of the SMTP side of a connector. */
export interface DoorFacts {
  journalAddress: string;
  version: number;
  isEnabled: boolean;
  /** Listeners, as a place and its TLS, and what `openssl s_client -connect` is to be given to reach them. */
  doorways: readonly { place: string; tls: string; command: string }[];
  /** The certificate shown; null when there is none. */
  certificate: { subject: string; sha256: string; validUntil: Instant } | null;
  /** Permitted ranges and providers; empty when everyone may send. */
  permitted: readonly string[];
  /** Who delivered, newest first, and who was turned away and for what. */
  delivered: readonly { address: string; lastAt: Instant; tls: string | null }[];
  turnedAway: readonly { address: string; lastAt: Instant; lacking: string }[];
  /** When mail last came. */
  lastReceivedAt: Instant | null;
}

const dayMs = 86_400_000;
/** Peers that are told. */
const peersTold = 5;
/** Time without mail in milliseconds after which somebody should look. */
const quietMs = 4 * dayMs;

/** A test mail that is waited for. */
export interface DoorCanary {
  call: CanaryCall;
  wait(signal: AbortSignal): Promise<Finding>;
}

/**
 * What can be said from inside of a connector that mail is pushed to. Whether others reach it cannot be tested here: that is
 * what a test mail from there is for, which the last step waits for when `canary` is given.
 *
 * @param told hears every step as it ends
 */
export async function testDoor(
  facts: DoorFacts,
  clock: Pick<Clock, "now" | "elapsedMs">,
  canary: DoorCanary | null,
  told: (step: StepReport) => void,
  signal: AbortSignal,
): Promise<TestReport> {
  const at = clock.now();
  const begunMs = clock.elapsedMs();
  const looks: [StepName, () => Finding | Promise<Finding>][] = [
    ["listener", () => listenerFinding(facts)],
    ["certificate", () => certificateFinding(facts, at)],
    ["sources", () => sourcesFinding(facts)],
    ["peers", () => peersFinding(facts)],
    ["canary", () => (canary === null ? canaryFinding(facts, at) : canary.wait(signal))],
  ];
  const steps: StepReport[] = [];
  for (const [name, look] of looks) {
    const sinceMs = clock.elapsedMs();
    const finding = await look();
    const step = stepOf(name, steps.length + 1, clock.elapsedMs() - sinceMs, finding);
    steps.push(step);
    told(step);
  }
  const { version, certificate } = facts;
  return {
    ...{ at, ms: Math.round(clock.elapsedMs() - begunMs), grade: gradeOf(steps) },
    ...{ passed: steps.every(({ ok }) => ok), steps, changed: [] },
    ...{ comparedWith: null, deleted: 0, letter: "", transcript: [] },
    facts: {
      ...{ version, addresses: facts.doorways.map(({ place }) => place), certificate: certificate?.sha256 ?? null },
      ...{ banner: null, capabilities: [], messages: null },
    },
  };
}

function listenerFinding({ doorways, isEnabled }: DoorFacts): Finding {
  const evidence = doorways.map(({ place, tls }) => `${place}, TLS: ${tls}`);
  if (doorways.length === 0)
    return failed(["no SMTP listener"], "Nobody can deliver mail.", "start the server with --smtp");
  if (!isEnabled) return failed(evidence, "The connector is disabled: senders get 451.", "enable it");
  return passed(...evidence);
}

function certificateFinding({ certificate }: DoorFacts, now: Instant): Finding {
  if (certificate === null)
    return warned(
      "D",
      ["no certificate"],
      "Mail can come in clear only.",
      "start the server with --tls-cert and --tls-key",
    );
  const days = Math.floor((certificate.validUntil - now) / dayMs);
  const evidence = [certificate.subject, `SHA-256 ${certificate.sha256}`, `${days} days left`];
  if (days < 0)
    return failed(evidence, "The certificate has expired; senders that check it keep their mail.", "renew it");
  if (days < certificateDaysWarned) return warned("B", evidence, "The certificate ends soon.", "renew it");
  return passed(...evidence);
}

function sourcesFinding({ permitted, journalAddress }: DoorFacts): Finding {
  if (permitted.length > 0) return passed(...permitted);
  return warned(
    "B",
    ["every address may send"],
    `Whoever knows ${journalAddress} may send mail to it.`,
    "permit the addresses of the mail servers",
  );
}

function peersFinding({ delivered, turnedAway }: DoorFacts): Finding {
  const time = (at: Instant) => new Date(at).toISOString();
  const evidence = delivered
    .slice(0, peersTold)
    .map(({ address, lastAt, tls }) => `${address} delivered at ${time(lastAt)}, ${tls ?? "in clear"}`);
  const away = turnedAway
    .slice(0, peersTold)
    .map(({ address, lastAt, lacking }) => `${address} was turned away at ${time(lastAt)}: it lacks ${lacking}`);
  const all = [...evidence, ...away];
  if (delivered.length === 0 && away.length > 0)
    return failed(all, "Who came was turned away; it keeps its mail and comes again.", "permit it, if it is yours");
  if (away.length > 0) return warned("B", all, "Some who came were turned away.", "permit them, if they are yours");
  return passed(...(all.length === 0 ? ["nobody came yet"] : all));
}

function canaryFinding({ lastReceivedAt, journalAddress, doorways }: DoorFacts, now: Instant): Finding {
  const way = doorways[0];
  const knock = way === undefined ? "" : `; from there, try: openssl s_client -connect ${way.command}`;
  const ask = `have a mail sent to ${journalAddress} from the mail server while the test waits for it${knock}`;
  const note = "whether others reach the listener cannot be tested from inside";
  if (lastReceivedAt === null) return failed(["no mail ever came", note], "The last step is on the mail server.", ask);
  const evidence = [`mail came last at ${new Date(lastReceivedAt).toISOString()}`, note];
  if (now - lastReceivedAt > quietMs) return warned("B", evidence, "No mail came for four days.", ask);
  return passed(...evidence);
}
