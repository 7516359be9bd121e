import { failureFacts } from "#core/index.ts";
import { drainMailbox, openSession, Transcript } from "#pop3/index.ts";
import { archivedMailOf } from "./archived-mail.ts";
import type { CollectorTools, MailboxConnector } from "./collector.ts";
import { mailboxServer } from "./mailbox-server.ts";
import type { RunFacts } from "./run-facts.ts";
import { runProblemOf } from "./run-problem.ts";

/** Newest lines of a run's transcript that are kept: the last sessions, and how they ended. */
const transcriptLinesMax = 60;
/** Failures of single messages that are kept with a run. */
const failuresKeptMax = 20;

/** Sessions without progress after which a run ends: one more than put a message aside that breaks them. The schedule goes on. */
const fruitlessSessionsMax = 3;

/**
 * One drain of a mailbox, told as it is kept. Problems of any kind are in the facts.
 *
 * @param asked ends it in order
 * @param cut ends it at once
 */
export async function drainRun(
  parts: CollectorTools,
  connector: MailboxConnector,
  { asked, cut }: { asked: AbortSignal; cut: AbortSignal },
): Promise<RunFacts> {
  const { catalogue, clock, dial, intake, memory, entropy, log } = parts;
  const { pop3, tenant } = connector;
  const begunAt = clock.now();
  const transcript = new Transcript(clock, transcriptLinesMax);
  try {
    const server = await mailboxServer(parts, connector);
    const drained = await drainMailbox(
      {
        ...{ intake, memory, clock, entropy, log },
        destination: parts.destinationOf(connector),
        open: () => openSession(server, { dial, clock, transcript }, cut),
        archive: archivedMailOf(catalogue, tenant, (signal) => parts.archived(signal)),
        retention: pop3.retention,
        limits: { fruitlessSessionsMax },
      },
      asked,
    );
    const { problem, failures, uidls: _, ...counts } = drained;
    const kept = failures.slice(0, failuresKeptMax);
    const told = { problem: runProblemOf(problem), failures: kept, transcript: transcript.lines() };
    return { begunAt, endedAt: clock.now(), runs: 1, ...counts, ...told };
  } catch (error) {
    const { code, message, publicText } = failureFacts(error);
    log("collector.run_failed", { tenant, connector: connector.id, code, message });
    const counts = { seen: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, failed: 0, deleted: 0, sessions: 0 };
    return {
      ...{ begunAt, endedAt: clock.now(), runs: 1, ...counts, vanished: 0, reappeared: 0, renamed: 0 },
      ...{ left: null, leftAt: null, failures: [], transcript: transcript.lines() },
      problem: { code, class: "ours", words: publicText },
    };
  }
}
