import { type Static, Type } from "typebox";
import { EnvelopeRules, EnvelopeRulesChanges, SmtpChanges, SmtpSettings } from "./mail-door.ts";
import { MailboxStanding, NewPop3, Pop3Changes, Pop3Settings } from "./mailbox.ts";
import { ConnectorTypeWord, Count, listOf, named, oneOf, orNull, strictObject, Time } from "./shared.ts";

const description = Type.String({ minLength: 1, maxLength: 120, description: "unique in the tenant" });
const journalEmailAddress = Type.String({
  maxLength: 254,
  description: "the address journal mail is sent to; unique in the installation",
});
const maxAgeDays = orNull(
  Type.Integer({ minimum: 1, maximum: 36500, description: "days above which mail is held; null turns the rule off" }),
);

export const Connector = named("Connector", {
  id: Type.String(),
  description: Type.String(),
  enabled: Type.Boolean(),
  journalEmailAddress: Type.String(),
  hostname: Type.String({ description: "for SMTP: where our listener is reached; for POP3: the server, as host:port" }),
  transport: oneOf(["smtp", "pop3"]),
  type: ConnectorTypeWord,
  processingQueue: Type.Integer({ minimum: 0, description: "durable here, not yet archived" }),
  oldestAgeSeconds: Count,
  pop3MailboxQueue: orNull(Count),
  pop3MailboxQueueAt: orNull(Time),
  status: oneOf([
    "running",
    "running_retrying",
    "running_delayed",
    "running_quiet",
    "running_quarantine",
    "awaiting_initial_run",
    "error",
    "unknown",
    "disabled",
  ]),
  statusReason: Type.String(),
  lastSuccessAt: orNull(Time),
  maxAgeDays: orNull(Type.Integer()),
  archived: Count,
  duplicate: Count,
  quarantined: Count,
  held: Count,
  received: Type.Integer({
    minimum: 0,
    description: "archived + duplicate + quarantined + held + processingQueue",
  }),
  fidelity: Type.Object(
    {
      grade: orNull(oneOf(["A", "B", "C"])),
      sentence: Type.String(),
      receipts: Type.Integer({ minimum: 0, description: "the newest, by which it was judged" }),
    },
    { description: "how much of the envelope really arrives: all, some, the header only; null while nothing has come" },
  ),
  sourceClocks: Type.Array(
    Type.Object({
      source: Type.String({ description: "what the system calls itself, else its address" }),
      offsetMinutes: Type.Integer({ description: "ahead; below zero behind, by that or more" }),
      at: Time,
    }),
    { description: "systems whose newest mail says that their clock is wrong" },
  ),
  ageRule: Type.Object(
    { state: oneOf(["off", "in_force", "suspended"]), sentence: Type.String() },
    { description: "suspended while our own clock is in doubt" },
  ),
  looped: Type.Integer({
    minimum: 0,
    description: "of those received, journal reports that came back undelivered and were journaled again",
  }),
  lastLoopedAt: orNull(Time),
  pop3: orNull(Pop3Settings),
  mailbox: orNull(MailboxStanding),
  smtp: orNull(SmtpSettings),
  rules: EnvelopeRules,
  createdAt: Time,
  version: Type.Integer({ description: "for If-Match" }),
});
export type Connector = Static<typeof Connector>;

export const ConnectorList = listOf("ConnectorList", Connector);
export type ConnectorList = Static<typeof ConnectorList>;

export const NewConnector = strictObject(
  {
    description,
    transport: oneOf(["smtp", "pop3"], "pop3 wants the member pop3 too"),
    type: ConnectorTypeWord,
    journalEmailAddress,
    maxAgeDays: Type.Optional(maxAgeDays),
    pop3: Type.Optional(NewPop3),
    smtp: Type.Optional(SmtpChanges),
    rules: Type.Optional(EnvelopeRulesChanges),
  },
  { title: "NewConnector" },
);

export const ConnectorChanges = strictObject(
  {
    description: Type.Optional(description),
    enabled: Type.Optional(Type.Boolean()),
    journalEmailAddress: Type.Optional(journalEmailAddress),
    type: Type.Optional(ConnectorTypeWord),
    maxAgeDays: Type.Optional(maxAgeDays),
    pop3: Type.Optional(Pop3Changes),
    smtp: Type.Optional(SmtpChanges),
    rules: Type.Optional(EnvelopeRulesChanges),
  },
  { title: "ConnectorChanges" },
);

/** If-Match is asked for by hand, since its absence has its own status (RFC 6585 §3). */
export const IfMatch = Type.Object({
  "if-match": Type.Optional(Type.String({ description: "the version that was read" })),
});
