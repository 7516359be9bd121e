import type { QueryContext } from "./dates.ts";
import { readConnector, readId, readMessageId, readSha256 } from "./exact.ts";
import {
  readDefect,
  readDirection,
  readHas,
  readHasAttachments,
  readIs,
  readRelation,
  readRole,
  readVia,
} from "./marks.ts";
import { type Reading, type Refusal, refuse } from "./reading.ts";
import { readAfter, readBefore, readDateRange, readNewerThan, readOlderThan, readOn } from "./sent.ts";
import { readLarger, readSize, readSmaller } from "./sizes.ts";
import type { Value } from "./value.ts";
import { readAddress, readAnywhere, readDomain, readFilename, readText } from "./words.ts";

/** Reads a value behind an operator, or alone; `operator` names one of {@link operatorNames} or is empty. */
export function readValue(value: Value, context: QueryContext): Reading | Refusal {
  const operator = aliases[value.operator] ?? value.operator;
  if (value.text.trim() === "") {
    return refuse(
      "empty_value",
      value.column,
      operator === "" ? "these quotation marks are empty" : `${operator}: needs a value`,
    );
  }
  if (operator !== "" && !value.isQuoted && value.text.startsWith("=") && operator !== "size" && operator !== "date") {
    const phrase = `${operator}:"${value.text.slice(1)}"`;
    return refuse("bad_value", value.column, "a whole field cannot be asked for; a phrase can", phrase);
  }
  if (operator === "")
    return isBareMessageId(value) ? readMessageId({ ...value, operator: "message-id" }) : readAnywhere(value);
  return readers[operator]!({ ...value, operator }, context);
}

type Reader = (value: Value, context: QueryContext) => Reading | Refusal;

const addressFields = [
  "from",
  "to",
  "cc",
  "bcc",
  "header-to",
  "recipient",
  "envelope-to",
  "envelope-from",
  "participants",
] as const;

const readers: Readonly<Record<string, Reader>> = {
  ...Object.fromEntries(addressFields.map((field) => [field, (value: Value) => readAddress(field, value)])),
  domain: readDomain,
  subject: (value) => readText("subject", value),
  body: (value) => readText("body", value),
  filename: readFilename,
  has: readHas,
  is: readIs,
  direction: readDirection,
  defect: readDefect,
  role: readRole,
  relation: readRelation,
  via: readVia,
  before: readBefore,
  after: readAfter,
  on: readOn,
  date: readDateRange,
  older_than: readOlderThan,
  newer_than: readNewerThan,
  size: readSize,
  larger: readLarger,
  smaller: readSmaller,
  "message-id": readMessageId,
  sha256: readSha256,
  id: readId,
  connector: readConnector,
  hasattachments: readHasAttachments,
};

/** What other products call our operators; the echo shows ours. */
const aliases: Readonly<Record<string, string>> = {
  sent: "date",
  recipients: "recipient",
  subjecttitle: "subject",
  hasattachment: "hasattachments",
  rfc822msgid: "message-id",
};

/** Every name that may stand before a colon, in lower case. */
export const operatorNames: readonly string[] = [...Object.keys(readers), ...Object.keys(aliases)];

function isBareMessageId({ text, isQuoted }: Value): boolean {
  return !isQuoted && /^<[^<>\s]+@[^<>\s]+>$/.test(text);
}
