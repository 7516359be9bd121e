import { type Static, Type } from "typebox";
import { ConnectorTypeWord, Count, named, oneOf, orNull, strictObject, Time } from "./shared.ts";

const UnquotedWord = oneOf(["mboxo", "mboxrd"], "the quoting to be taken off the messages of every mbox");

/** What is imported from a path of the server. */
export const NewPathImport = strictObject(
  {
    path: Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "absolute path of a file or folder in one of the folders that GET /imports names",
    }),
    type: ConnectorTypeWord,
    unquoted: Type.Optional(UnquotedWord),
  },
  { title: "NewPathImport" },
);

/** How an uploaded file is read; the file itself is the body. */
export const Upload = strictObject({
  name: Type.String({
    minLength: 1,
    maxLength: 1024,
    description: "the file's name; its ending helps to tell its kind",
  }),
  type: ConnectorTypeWord,
  unquoted: Type.Optional(UnquotedWord),
});

const outcome = { found: Count, archived: Count, duplicate: Count, quarantined: Count, held: Count, unreadable: Count };
const Outcome = named("ImportedCounts", {
  ...outcome,
  ignored: Type.Integer({ minimum: 0, description: "files that are no mail" }),
  known: Type.Integer({ minimum: 0, description: "duplicates that came from the same place before" }),
});

const fileImport = {
  id: Type.String(),
  from: oneOf(["upload", "path"]),
  name: Type.String({ description: "the uploaded file's name, or the real path on the server" }),
  type: ConnectorTypeWord,
  state: oneOf(["receiving", "waiting", "reading", "archiving", "done", "failed"]),
  beganAt: Time,
  endedAt: orNull(Time),
  received: orNull(Count),
  announced: orNull(Count),
  bytes: Type.Integer({ minimum: 0, description: "of the messages that were offered so far" }),
  outcome: Outcome,
  problem: orNull(Type.Object({ code: Type.String(), detail: Type.String(), effect: Type.String() })),
};
export const FileImportView = named("FileImport", fileImport);
export type FileImportView = Static<typeof FileImportView>;

export const FileImportList = named("FileImportList", {
  folders: Type.Array(Type.String(), { description: "of the server's machine, that may be imported from" }),
  data: Type.Array(FileImportView, { description: "newest first; forgotten when the server ends" }),
});
export type FileImportList = Static<typeof FileImportList>;

export const FileImportReportView = named("FileImportReport", {
  ...fileImport,
  sources: Type.Array(
    Type.Object({
      source: Type.String(),
      ...outcome,
      ignored: Count,
      known: Count,
      variant: orNull(Type.String({ description: "as what an mbox was read" })),
    }),
  ),
  unread: Type.Array(Type.Object({ label: Type.String(), reason: Type.String() }), {
    description: "the first of what could not be read",
  }),
});
export type FileImportReportView = Static<typeof FileImportReportView>;
