import type { Instant } from "#core/index.ts";
import { type Finding, failed, gradeOf, passed, type StepName, stepOf, type TestReport, warned } from "./report.ts";
import { certificateDaysWarned } from "./server-steps.ts";

/** What is known of the SMTP side of a connector. */
export interface DoorFacts {
  journalAddress: string;
  version: number;
  isEnabled: boolean;
  /** Listeners, as `host:port` and their TLS. */
  doorways: readonly { place: string; tls: string }[];
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

/**
 * What can be said from inside of a connector that mail is pushed to. Whether others reach it cannot be tested here, and the
 * last step says what to do there.
 */
export function testDoor(facts: DoorFacts, now: Instant): TestReport {
  const findings: [StepName, Finding][] = [
    ["listener", listenerFinding(facts)],
    ["certificate", certificateFinding(facts, now)],
    ["sources", sourcesFinding(facts)],
    ["peers", peersFinding(facts)],
    ["canary", canaryFinding(facts, now)],
  ];
  const steps = findings.map(([name, finding], at) => stepOf(name, at + 1, 0, finding));
  const { version, certificate } = facts;
  return {
    ...{ at: now, ms: 0, grade: gradeOf(steps), passed: steps.every(({ ok }) => ok), steps, changed: [] },
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

function canaryFinding({ lastReceivedAt, journalAddress }: DoorFacts, now: Instant): Finding {
  const ask = `have a mail sent to ${journalAddress} from the mail server, and test again when it should have come`;
  const note = "whether others reach the listener cannot be tested from inside";
  if (lastReceivedAt === null) return failed(["no mail ever came", note], "The last step is on the mail server.", ask);
  const evidence = [`mail came last at ${new Date(lastReceivedAt).toISOString()}`, note];
  if (now - lastReceivedAt > quietMs) return warned("B", evidence, "No mail came for four days.", ask);
  return passed(...evidence);
}
