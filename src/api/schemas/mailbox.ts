import { type Static, Type } from "typebox";
import { Count, listOf, named, oneOf, orNull, Problem, strictObject, Time } from "./shared.ts";

const tlsWord = oneOf(["none", "starttls", "implicit"]);
const keepDays = orNull(
  Type.Integer({
    minimum: 0,
    maximum: 3650,
    description: "days mail stays on the server after it was archived; 0 deletes at once, null never",
  }),
);

const grant = oneOf(
  ["client-credentials", "refresh-token"],
  "the application for itself, or a consent that was given once",
);

/** How access tokens are had for a mailbox. Its secrets are never told. */
const OAuthSettings = named("OAuthSettings", {
  grant,
  tokenEndpoint: Type.String(),
  clientId: Type.String(),
  scope: Type.String({ description: "empty where the endpoint decides" }),
});

const OAuthChanges = strictObject(
  {
    grant: Type.Optional(grant),
    tokenEndpoint: Type.Optional(Type.String({ maxLength: 500, description: "https URL of the token endpoint" })),
    clientId: Type.Optional(Type.String({ maxLength: 500 })),
    scope: Type.Optional(Type.String({ maxLength: 500, description: "for POP3 at Microsoft 365 when absent" })),
    clientSecret: Type.Optional(Type.String({ maxLength: 8000, writeOnly: true })),
    refreshToken: Type.Optional(Type.String({ maxLength: 8000, writeOnly: true })),
  },
  { title: "OAuthChanges" },
);

/** Where a mailbox is and how it is emptied. The password is never told. */
export const Pop3Settings = named("Pop3Settings", {
  host: Type.String(),
  port: Type.Integer(),
  tls: tlsWord,
  verify: Type.String({ description: "strict, relaxed, or the SHA-256 of the one certificate that is trusted" }),
  user: Type.String(),
  oauth: orNull(OAuthSettings),
  intervalSeconds: Type.Integer(),
  keepDays,
});
export type Pop3Settings = Static<typeof Pop3Settings>;

const said = {
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: "995 for implicit TLS, 110 otherwise" })),
  tls: Type.Optional(tlsWord),
  verify: Type.Optional(
    Type.String({ maxLength: 100, description: "strict (the default), relaxed, or the SHA-256 of a certificate" }),
  ),
  intervalSeconds: Type.Optional(Type.Integer({ minimum: 2, maximum: 86400, description: "between two sessions" })),
  keepDays: Type.Optional(keepDays),
};
const host = Type.String({ minLength: 1, maxLength: 255 });
const user = Type.String({ minLength: 1, maxLength: 200 });
const password = Type.String({ minLength: 1, maxLength: 200, writeOnly: true });

/** With a password, or with `oauth` and its secrets. */
export const NewPop3 = strictObject(
  { host, user, password: Type.Optional(password), oauth: Type.Optional(orNull(OAuthChanges)), ...said },
  { title: "NewPop3" },
);

/** A secret is asked for again when it, or a token had by it, would be sent to another place, or less protected. */
export const Pop3Changes = strictObject(
  {
    host: Type.Optional(host),
    user: Type.Optional(user),
    password: Type.Optional(password),
    oauth: Type.Optional(orNull(OAuthChanges)),
    ...said,
  },
  { title: "Pop3Changes" },
);

/** How a mailbox is doing. */
export const MailboxStanding = named("MailboxStanding", {
  activity: oneOf(["idle", "draining", "testing"]),
  failures: Type.Integer({ minimum: 0, description: "runs in a row that ended with a problem" }),
  problem: orNull(named("MailboxProblem", { code: Type.String(), words: Type.String() })),
  failingSince: orNull(Time),
  succeededAt: orNull(Time),
  nextRunAt: orNull(Time),
  isQueueOld: Type.Boolean({ description: "the queue is a number from before the trouble" }),
});
export type MailboxStanding = Static<typeof MailboxStanding>;

const runCounts = {
  seen: Count,
  archived: Count,
  duplicate: Count,
  quarantined: Count,
  held: Count,
  failed: Type.Integer({ minimum: 0, description: "could not be taken so far, and stay in the mailbox" }),
  left: orNull(Type.Integer({ minimum: 0, description: "in the mailbox at the end; null when nobody could look" })),
  deleted: Count,
  sessions: Count,
};

export const TranscriptLine = named("TranscriptLine", {
  atMs: Count,
  from: oneOf(["C", "S", "*"], "us, the server, or about the connection"),
  text: Type.String({ description: "without secrets and without a word of any message" }),
});

export const MailboxRun = named("MailboxRun", {
  ...runCounts,
  begunAt: Time,
  endedAt: Time,
  runs: Type.Integer({ minimum: 1, description: "how many runs without anything to do this line stands for" }),
  vanished: Type.Integer({ minimum: 0, description: "went away without having been taken: someone else empties it" }),
  reappeared: Type.Integer({ minimum: 0, description: "came back after their deletion had been confirmed" }),
  renamed: Type.Integer({ minimum: 0, description: "known messages under new ids: the mailbox was rebuilt" }),
  failures: Type.Array(
    named("MailboxFailure", {
      uidl: orNull(Type.String()),
      attempts: Count,
      reason: Type.String(),
      retryAt: Time,
    }),
  ),
  problem: orNull(Type.Object({ code: Type.String(), words: Type.String() })),
  transcript: Type.Array(TranscriptLine),
});
export type MailboxRun = Static<typeof MailboxRun>;

export const MailboxRunList = listOf("MailboxRunList", MailboxRun);
export type MailboxRunList = Static<typeof MailboxRunList>;

/** One line of a drain that was asked for: one `result` or one `problem`. */
export const MailboxRunLine = Type.Union(
  [named("MailboxRunResultLine", { result: MailboxRun }), named("MailboxRunProblemLine", { problem: Problem })],
  { title: "MailboxRunLine" },
);
