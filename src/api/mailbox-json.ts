import type { RunFacts } from "#collector/index.ts";
import { type ConnectorView, keepDaysOf, verifyText } from "#connector/index.ts";
import type { MailboxRun, MailboxStanding, Pop3Settings } from "./schemas/mailbox.ts";
import { timeText, timeTextOrNull } from "./times.ts";

/** Settings of a mailbox as the API shows them: field by field, so that no secret can slip in. */
export function pop3Json(settings: ConnectorView["pop3"]): Pop3Settings | null {
  if (settings === undefined) return null;
  const { host, port, tls, user, oauth, intervalSeconds } = settings;
  return {
    ...{ host, port, tls, verify: verifyText(settings), user, oauth: oauthJson(oauth) },
    ...{ intervalSeconds, keepDays: keepDaysOf(settings) },
  };
}

function oauthJson(oauth: NonNullable<ConnectorView["pop3"]>["oauth"]): Pop3Settings["oauth"] {
  if (oauth === undefined) return null;
  const { grant, tokenEndpoint, clientId, scope } = oauth;
  return { grant, tokenEndpoint, clientId, scope };
}

/** How a mailbox is doing, as the API shows it. */
export function standingJson(state: ConnectorView["mailbox"]): MailboxStanding | null {
  if (state === null) return null;
  const { activity, failures, problem, failingSince, succeededAt, nextRunAt, queueAt } = state;
  return {
    ...{ activity, failures },
    problem: problem === null ? null : { code: problem.code, words: problem.words },
    failingSince: timeTextOrNull(failingSince),
    succeededAt: timeTextOrNull(succeededAt),
    nextRunAt: timeTextOrNull(nextRunAt),
    isQueueOld: failingSince !== null && queueAt !== null && queueAt < failingSince,
  };
}

/** A drain as the API shows it. */
export function runJson(run: RunFacts): MailboxRun {
  const { begunAt, endedAt, leftAt: _, failures, problem, ...rest } = run;
  return {
    ...rest,
    begunAt: timeText(begunAt),
    endedAt: timeText(endedAt),
    failures: failures.map(({ retryAt, ...failure }) => ({ ...failure, retryAt: timeText(retryAt) })),
    problem: problem === null ? null : { code: problem.code, words: problem.words },
  };
}
