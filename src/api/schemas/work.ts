import { type Static, Type } from "typebox";
import { ConnectorTypeWord, Count, named, oneOf, orNull, Problem, strictObject, Time } from "./shared.ts";

export const ProgressLine = named("ProgressLine", {
  progress: Type.Object({ done: Count, total: Count, unit: Type.String() }),
});
export const ProblemLine = named("ProblemLine", { problem: Problem });

/** What is to be verified; everything without a body. */
export const Verification = strictObject(
  {
    sample: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1, description: "share of the bytes, drawn by lot in whole packs" }),
    ),
    since: Type.Optional(Type.String({ format: "date-time", description: "only packs made at or after this time" })),
  },
  { title: "Verification" },
);
export type Verification = Static<typeof Verification>;

/** One line of a verification: any number of `progress`, then one `result` or one `problem`. */
export const VerificationLine = Type.Union(
  [
    ProgressLine,
    named("VerificationResultLine", {
      result: named("VerificationResult", {
        ok: Type.Boolean(),
        checked: Count,
        packs: Count,
        bytes: Count,
        of: Type.Object({ packs: Count, bytes: Count }, { description: "what there is, of which so much was read" }),
        damaged: Type.Array(
          named("Damage", {
            id: orNull(Type.String()),
            pack: Type.String(),
            place: Type.String(),
            detail: Type.String(),
          }),
        ),
        unknown: Type.Array(Type.Object({ pack: Type.String(), bytes: Count }), {
          description: "packs in the store that the catalogue does not know; the next start takes them in",
        }),
      }),
    }),
    ProblemLine,
  ],
  { title: "VerificationLine" },
);
export type VerificationLine = Static<typeof VerificationLine>;

/** Where to back up to. */
export const NewBackup = strictObject(
  {
    directory: Type.String({
      minLength: 1,
      maxLength: 4096,
      pattern: "^/",
      description: "absolute path on the server's machine: new, empty, or a backup of this installation",
    }),
    check: Type.Optional(Type.Boolean({ default: false, description: "also read every pack that is there already" })),
  },
  { title: "NewBackup" },
);

/** One line of a backup. */
export const BackupLine = Type.Union(
  [
    ProgressLine,
    named("BackupResultLine", {
      result: named("BackupResult", {
        directory: Type.String(),
        id: Type.String(),
        snapshotAt: Time,
        isKeyProtected: Type.Boolean(),
        tenants: Type.Array(
          Type.Object({
            ...{ id: Type.String(), changes: Count, messages: Count, receipts: Count, packs: Count, packBytes: Count },
          }),
        ),
        packs: Type.Object({ count: Count, bytes: Count, copied: Count, copiedBytes: Count }),
        notIncluded: Type.Integer({ minimum: 0, description: "accepted messages that were not archived in time" }),
        left: Type.Array(
          Type.Object({ kind: oneOf(["damaged", "missing"]), tenant: Type.String(), pack: Type.String() }),
          { description: "packs that are damaged in the archive, or gone, and of which there is no good copy" },
        ),
        lastRestoreTest: orNull(Type.Object({ testedAt: Time, backup: Type.String() })),
      }),
    }),
    ProblemLine,
  ],
  { title: "BackupLine" },
);

/** One line of a rebuild of the search index. */
export const RebuildLine = Type.Union(
  [ProgressLine, named("RebuildResultLine", { result: Type.Object({ messages: Count }) }), ProblemLine],
  { title: "RebuildLine" },
);
export type RebuildLine = Static<typeof RebuildLine>;

export const ImportStarted = named("ImportStarted", { id: Type.String() });
export const ImportOffer = strictObject({
  sourceKey: Type.String({
    minLength: 1,
    maxLength: 4096,
    description: "where it was read from: the same key again adds nothing",
  }),
  label: Type.String({ minLength: 1, maxLength: 4096, description: "for people: the file or folder it came from" }),
  type: ConnectorTypeWord,
  source: Type.Optional(
    Type.String({ minLength: 1, maxLength: 4096, description: "the file or folder that is reported on as one source" }),
  ),
  folder: Type.Optional(Type.String({ maxLength: 4096, description: "with source: the folder of the mail in it" })),
  owner: Type.Optional(Type.String({ maxLength: 4096, description: "with source: whose mail it says it is" })),
  unquoted: Type.Optional(
    oneOf(["mboxo", "mboxrd"], "with source: the variant of mbox whose quoting was taken off the message"),
  ),
});
export type ImportOffer = Static<typeof ImportOffer>;
export const ImportOutcome = named("ImportOutcome", { state: oneOf(["accepted", "known"]) });
const importCounts = {
  accepted: Count,
  archived: Count,
  duplicate: Count,
  quarantined: Count,
  held: Count,
  processing: Count,
};
export const ImportRun = named("ImportRun", importCounts);
export const ImportSources = named("ImportSources", {
  data: Type.Array(named("ImportSource", { source: Type.String(), ...importCounts }), {
    description: "by the source that each message named, in the order in which they were first met",
  }),
});
