import { type Static, Type } from "typebox";
import { Count, named, oneOf, orNull, strictObject, Time } from "./shared.ts";
import { ProblemLine, ProgressLine } from "./work.ts";

const stateWord = oneOf(["quarantined", "held"]);

export const UndecidedQuery = strictObject({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 200 })),
  cursor: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$", description: "nextCursor of the page before" })),
  reason: Type.Optional(Type.String({ maxLength: 64, description: "only what waits for this" })),
});

const UndecidedItem = named("UndecidedItem", {
  id: Type.String({ description: "the receipt" }),
  message: Type.String({ description: "under which the item's bytes can be had" }),
  connector: Type.String(),
  state: stateWord,
  reason: Type.String(),
  meaning: Type.String({ description: "the reason in words" }),
  actions: Type.Array(oneOf(["retry", "accept", "discard"])),
  receivedAt: Time,
  archivedAt: Time,
  bytes: Count,
  from: Type.String({ description: "who delivered it" }),
});
export type UndecidedItem = Static<typeof UndecidedItem>;

export const UndecidedList = named("UndecidedList", {
  data: Type.Array(UndecidedItem),
  reasons: Type.Array(
    named("UndecidedReason", { state: stateWord, reason: Type.String(), meaning: Type.String(), receipts: Count }),
  ),
  nextCursor: orNull(Type.String()),
});

/** What is to be decided. */
export const NewDecision = strictObject(
  {
    what: oneOf(
      ["retry", "accept", "discard"],
      "retry reads the item again; accept archives it as the message it is; discard does so too and marks it discarded",
    ),
    ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10_000 })),
    reason: Type.Optional(Type.String({ maxLength: 64, description: "everything that waits for this reason" })),
    why: Type.Optional(Type.String({ maxLength: 1_000, description: "put on record; asked for when discarding" })),
  },
  { title: "NewDecision" },
);

/** One line of carrying out a decision. */
export const DecisionLine = Type.Union(
  [
    ProgressLine,
    named("DecisionResultLine", {
      result: named("DecisionResult", {
        decided: Count,
        archived: Count,
        duplicate: Count,
        quarantined: Count,
        held: Count,
      }),
    }),
    ProblemLine,
  ],
  { title: "DecisionLine" },
);
