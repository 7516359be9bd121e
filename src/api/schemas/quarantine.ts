import { type Static, Type } from "typebox";
import { noteCharactersMax, quarantineActions } from "#archive/index.ts";
import { Count, named, oneOf, orNull, StateWord, strictObject, Time } from "./shared.ts";

/** Items of one page, and receipts that one request decides on: one pack takes so many. */
export const quarantinePageMax = 200;

const Id = Type.String({ minLength: 1, maxLength: 64 });
const ReasonCode = Type.String({ minLength: 1, maxLength: 64, pattern: "^[a-z_]+$" });
const Cursor = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

export const QuarantineQuery = strictObject({
  reason: Type.Optional(ReasonCode),
  connector: Type.Optional(Id),
  show: Type.Optional(oneOf(["open", "discarded"], "what waits for a decision, or what was discarded")),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: quarantinePageMax })),
});

const Decision = named("ReceiptDecision", {
  action: oneOf(["retried", "accepted", "discarded"]),
  at: Time,
  by: Type.String(),
  note: orNull(Type.String()),
});

export const QuarantineItem = named("QuarantineItem", {
  receipt: Type.String(),
  message: Type.String({ description: "the message it is stored as" }),
  connector: Type.Object({ id: Type.String(), description: Type.String() }),
  state: StateWord,
  reason: Type.String(),
  words: Type.String({ description: "the reason in words" }),
  meaning: Type.String({ description: "what it means for this mail, and what helps" }),
  actions: Type.Array(oneOf(quarantineActions)),
  receivedAt: Time,
  bytes: Type.Integer({ minimum: 0, description: "of what arrived" }),
  sha256: Type.String({ description: "of what arrived" }),
  peer: orNull(Type.String()),
  mailFrom: orNull(Type.String()),
  decision: orNull(Decision),
});
export type QuarantineItem = Static<typeof QuarantineItem>;

const Reason = named("QuarantineReason", {
  reason: Type.String(),
  state: oneOf(["quarantined", "held"]),
  words: Type.String(),
  meaning: Type.String(),
  count: Count,
  oldestAt: Time,
});

export const QuarantineList = named("QuarantineList", {
  data: Type.Array(QuarantineItem),
  nextCursor: orNull(Type.String({ description: "send it as cursor" })),
  reasons: Type.Array(Reason, { description: "how many wait, by reason, over everything" }),
  asOf: Time,
});
export type QuarantineList = Static<typeof QuarantineList>;

export const QuarantineDecision = strictObject(
  {
    action: oneOf(quarantineActions),
    receipts: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: quarantinePageMax })),
    reason: Type.Optional(ReasonCode),
    connector: Type.Optional(Id),
    cursor: Type.Optional(Cursor),
    note: Type.Optional(Type.String({ maxLength: noteCharactersMax, description: "why; a discard needs it" })),
  },
  {
    title: "QuarantineDecision",
    description: "receipts, or a reason for all that wait for it: a page at a time, until nextCursor is null",
  },
);

const Outcome = named("QuarantineOutcome", {
  receipt: Type.String(),
  outcome: oneOf(
    ["done", "unchanged", "decided", "unknown", "failed"],
    "unchanged: read again with the same end; decided: somebody took it in before; failed: with code, can be asked again",
  ),
  state: orNull(StateWord),
  reason: orNull(Type.String()),
  code: orNull(Type.String()),
});

export const QuarantineOutcomes = named("QuarantineOutcomes", {
  data: Type.Array(Outcome),
  nextCursor: orNull(Type.String()),
});
export type QuarantineOutcomes = Static<typeof QuarantineOutcomes>;
