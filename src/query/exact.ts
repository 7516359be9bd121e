import { fold, isSha256 } from "#core/index.ts";
import type { QueryField } from "./query.ts";
import { type Reading, type Refusal, refuse, term } from "./reading.ts";
import { shown, type Value } from "./value.ts";

/** A Message-ID, with or without its angle brackets; compared whole, in either case. */
export function readMessageId(value: Value): Reading | Refusal {
  const id = fold(value.text.trim().replace(/^<(.*)>$/s, "$1"));
  if (id === "") return refuse("empty_value", value.column, "message-id: needs a Message-ID");
  return exactly("message-id", id, value);
}

/** The digest of a message or of a report around it. */
export function readSha256(value: Value): Reading | Refusal {
  const digest = value.text.toLowerCase();
  if (!isSha256(digest)) return refuse("bad_value", value.column, "sha256: needs 64 hexadecimal digits");
  return exactly("sha256", digest, value);
}

/** The archive's own id of a message. */
export function readId(value: Value): Reading | Refusal {
  const id = value.text.toLowerCase();
  if (!/^msg_[0-9a-z]+$/.test(id)) return refuse("bad_value", value.column, "id: needs a message id, msg_ and more");
  return exactly("id", id, value);
}

/** The connector that brought a message. */
export function readConnector(value: Value): Reading | Refusal {
  const id = value.text.toLowerCase();
  if (!/^con_[0-9a-z]+$/.test(id)) {
    return refuse("bad_value", value.column, "connector: needs a connector id, con_ and more");
  }
  return exactly("connector", id, value);
}

function exactly(field: QueryField, word: string, value: Value): Reading {
  return term({ kind: "text", field, words: [word], prefix: false }, shown(value));
}
