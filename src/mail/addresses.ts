import type { Mailbox } from "#core/index.ts";
import { addressTokens } from "./address-tokens.ts";
import { decodeWords, oneLine } from "./header-text.ts";

/** The addresses of one field; `isMalformed` when the grammar was broken, `isCut` when there were more than asked for. */
export interface AddressList {
  mailboxes: Mailbox[];
  isMalformed: boolean;
  isCut: boolean;
}

/**
 * Reads an address list as leniently as people write them: groups, comments, quoted strings, missing commas and
 * brackets, routes. The name of an empty group is kept as a mailbox without address. Linear, without recursion.
 *
 * @param text an unfolded field value, encoded words not yet decoded
 * @param countMax mailboxes read at most
 * @see RFC 5322 §3.4, §4.4
 */
export function readAddresses(text: string, countMax: number): AddressList {
  const state: State = { mailboxes: [], isMalformed: false, isCut: false, countMax, draft: newDraft(), group: null };
  for (const token of addressTokens(text)) {
    if (token.kind === "sign") readSign(state, token.text);
    else if (token.kind === "comment") state.draft.comment += token.text;
    else addWords(state.draft, token.text, token.kind === "quoted");
    if (state.isCut) break;
  }
  if (state.draft.place === "address") state.isMalformed = true;
  closeMailbox(state);
  closeGroup(state);
  const { mailboxes, isMalformed, isCut } = state;
  return { mailboxes, isMalformed, isCut };
}

interface State extends AddressList {
  countMax: number;
  draft: Draft;
  group: { name: string; size: number } | null;
}

/** A mailbox as far as it is read. */
interface Draft {
  place: "before" | "address" | "behind";
  /** Words before the brackets, or without any: quotes and escapes undone. */
  phrase: string;
  /** The same as written. */
  written: string;
  /** How far the quoted string reaches that `written` begins with; 0 when it begins otherwise. */
  quotedLength: number;
  /** What stands between the brackets. */
  address: string;
  /** Words behind the brackets: the name of a mailbox that follows without a comma, or junk. */
  behind: string;
  comment: string;
}

function newDraft(): Draft {
  return { place: "before", phrase: "", written: "", quotedLength: 0, address: "", behind: "", comment: "" };
}

function readSign(state: State, sign: string): void {
  const { draft } = state;
  switch (sign) {
    case "<":
      if (draft.place !== "before") {
        state.isMalformed = true;
        closeMailbox(state);
        state.draft.phrase = draft.behind;
      }
      state.draft.place = "address";
      return;
    case ">":
      if (draft.place !== "address") state.isMalformed = true;
      else draft.place = "behind";
      return;
    case ":":
      if (draft.place === "before") {
        state.group = { name: oneLine(decodeWords(draft.phrase)), size: 0 };
        state.draft = newDraft();
      } else if (draft.place === "address") draft.address += sign;
      return;
  }
  if (draft.place === "address") {
    // A route (`<@a,@b:c@d>`) has commas within the brackets; anywhere else the closing bracket was forgotten.
    if (draft.address.startsWith("@") && sign === ",") {
      draft.address += sign;
      return;
    }
    state.isMalformed = true;
  }
  closeMailbox(state);
  if (sign === ";") closeGroup(state);
}

function addWords(draft: Draft, text: string, isQuoted: boolean): void {
  if (draft.place === "address") {
    draft.address += text;
    return;
  }
  const words = isQuoted ? text.replace(/^"|"$/g, "").replace(/\\(.)/gs, "$1") : text;
  if (draft.place === "behind") {
    draft.behind += words;
    return;
  }
  if (isQuoted && draft.written === "") draft.quotedLength = text.length;
  draft.phrase += words;
  draft.written += draft.written === "" ? text.trimStart() : text;
}

function closeMailbox(state: State): void {
  const mailbox = mailboxOf(state.draft);
  state.draft = newDraft();
  if (mailbox === null) return;
  if (state.mailboxes.length >= state.countMax) {
    state.isCut = true;
    return;
  }
  state.mailboxes.push(mailbox);
  if (state.group !== null) state.group.size += 1;
}

function closeGroup(state: State): void {
  const { group } = state;
  state.group = null;
  if (group === null || group.size > 0 || group.name === "" || state.mailboxes.length >= state.countMax) return;
  state.mailboxes.push({ name: group.name, address: "" });
}

function mailboxOf(draft: Draft): Mailbox | null {
  const comment = oneLine(decodeWords(draft.comment));
  const phrase = oneLine(draft.phrase);
  if (draft.place !== "before") {
    return mailboxNamed(decoded(phrase) || comment || decoded(draft.behind), withoutRoute(draft.address));
  }
  if (phrase === "") return comment === "" ? null : mailboxNamed(comment, "");
  const written = draft.written.trimEnd();
  if (written[draft.quotedLength] === "@" && !/\s/.test(written.slice(draft.quotedLength))) {
    return mailboxNamed(comment, written);
  }
  return bareMailbox(phrase, comment);
}

/** An address without brackets: blanks around the @ are taken out, and further words are a name. */
function bareMailbox(phrase: string, comment: string): Mailbox {
  const words = phrase.replace(/ ?@ ?/g, "@").split(" ");
  const isWord = words.length === 1 && !phrase.includes("=?");
  const address = words.find((word) => word.includes("@")) ?? (isWord ? phrase : "");
  const name = words.filter((word) => word !== address).join(" ");
  return mailboxNamed(decoded(name) || comment, address);
}

/** RFC 5322 §4.4: the route says how mail once travelled, and is to be ignored. */
function withoutRoute(address: string): string {
  const trimmed = address.trim();
  const colon = trimmed.startsWith("@") ? trimmed.indexOf(":") : -1;
  return colon < 0 ? trimmed : trimmed.slice(colon + 1);
}

function mailboxNamed(name: string, address: string): Mailbox {
  return { name, address: decoded(address) };
}

function decoded(text: string): string {
  return oneLine(decodeWords(text));
}
