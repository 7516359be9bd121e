import { defectMeanings, foldAddress } from "#core/index.ts";
import { nearest } from "./nearest.ts";
import { negated, type Reading, type Refusal, refuse, term } from "./reading.ts";
import { shown, type Value } from "./value.ts";

/** `has:attachment`, `has:encryption`, `has:signature`. */
export function readHas(value: Value): Reading | Refusal {
  return readMark(value, { attachment: "attachment", encryption: "encrypted", signature: "signed" });
}

const states = [
  ...["quarantined", "held", "duplicate", "partial", "encrypted", "ambiguous", "discarded"],
  ...["not_journal_report", "report_ambiguous", "bounce", "envelope_in_header", "age_unjudged", "source_clock"],
  // Brought in from files, whatever else brought it.
  "imported",
];
/** What S/MIME made of a message; hyphens may be written for the underscores. */
const smimeStates = [
  "signed_ok",
  "signed_bad",
  "signed_untrusted",
  "signed_unsupported",
  "compressed",
  "encrypted_decrypted",
  "encrypted_no_key",
  "encrypted_bad_key",
  "unsupported_alg",
  "corrupt",
];

/** `is:held` and its like. */
export function readIs(value: Value): Reading | Refusal {
  return readMark(value, Object.fromEntries([...states, ...smimeStates].map((state) => [state, state])));
}

/** `direction:inbound`. */
export function readDirection(value: Value): Reading | Refusal {
  const words = ["internal", "inbound", "outbound", "other"];
  return readMark(value, Object.fromEntries(words.map((word) => [word, `direction_${word}`])));
}

/** `defect:base64_junk`: what the reader found wrong with a message. */
export function readDefect(value: Value): Reading | Refusal {
  const codes = Object.keys(defectMeanings);
  return readMark(value, Object.fromEntries(codes.map((code) => [code, `defect_${code}`])));
}

/** `role:bcc`: how an envelope says that somebody was addressed. */
export function readRole(value: Value): Reading | Refusal {
  return readMark(value, Object.fromEntries(["to", "cc", "bcc", "unknown"].map((role) => [role, `role_${role}`])));
}

/** `relation:expanded`: how an envelope says that somebody came to get it. */
export function readRelation(value: Value): Reading | Refusal {
  const relations = ["direct", "expanded", "forwarded"];
  return readMark(value, Object.fromEntries(relations.map((relation) => [relation, `relation_${relation}`])));
}

/** `via:list@example.com`: the list or mailbox through which an envelope says that it came, its address whole. */
export function readVia(value: Value): Reading | Refusal {
  const address = foldAddress(value.text);
  if (!address.includes("@")) return refuse("bad_value", value.column, "via: needs the address of a list or mailbox");
  return term({ kind: "mark", mark: `via_${address}` }, shown(value));
}

/** `hasattachments:yes` as Outlook writes it. */
export function readHasAttachments(value: Value): Reading | Refusal {
  const attached = term({ kind: "mark", mark: "attachment" }, "has:attachment");
  if (/^(yes|true|1)$/i.test(value.text)) return attached;
  if (/^(no|false|0)$/i.test(value.text)) return negated(attached);
  return refuse("bad_value", value.column, `"${value.text}" is neither yes nor no`, shown(value, "yes"));
}

function readMark(value: Value, markByWord: Readonly<Record<string, string>>): Reading | Refusal {
  const word = value.text.toLowerCase().replaceAll("-", "_");
  const known = Object.keys(markByWord);
  if (known.includes(word)) return term({ kind: "mark", mark: markByWord[word]! }, `${value.operator}:${word}`);
  const meant = nearest(word, known);
  const message = `${value.operator}: knows ${known.join(", ")}`;
  return refuse("bad_value", value.column, message, meant === null ? null : `${value.operator}:${meant}`);
}
