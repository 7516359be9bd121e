/** One message as the server lists it in this session. */
export interface ListedMessage {
  /** Number within the session, from 1; the oldest is the lowest. */
  number: number;
  /** Octets as LIST says, often an estimate (Exchange); null when it does not say. */
  listBytes: number | null;
  /** The server's unique id; null when there is none, or when two messages have the same. */
  uidl: string | null;
}

/** A mailbox at the time of the login. */
export interface Listing {
  /** In order of number. */
  messages: ListedMessage[];
  /** Whether ids came, and were unlike each other. */
  uidls: "usable" | "missing" | "doubled";
}

const numberMax = 2 ** 31 - 1;
/** Longest id that is used, in characters: RFC 1939 allows 70, and some servers are generous. */
const uidlCharactersMax = 255;

/** Reads `STAT`'s text, `count octets`; null when it is something else. */
export function readStat(text: string): { messages: number; bytes: number } | null {
  const found = /^(\d{1,15}) (\d{1,15})(?: |$)/.exec(text.trim());
  return found === null ? null : { messages: Number(found[1]), bytes: Number(found[2]) };
}

function numbered(line: string): { number: number; rest: string } | null {
  const found = /^(\d{1,10})[ \t]+(\S.*?)[ \t]*$/.exec(line);
  const number = Number(found?.[1]);
  return found === null || number < 1 || number > numberMax ? null : { number, rest: found[2]! };
}

/**
 * Puts LIST and UIDL together, line by line. Lines that cannot be read are passed over, of two lines with one number the first
 * counts, and an id that two messages have belongs to neither: by it we could not tell which one to delete.
 */
export class ListingReader {
  /** Messages 1, 2, 3 and so on, as servers list them; those that come otherwise are beside them, all with higher numbers. */
  readonly #inOrder: ListedMessage[] = [];
  readonly #beside = new Map<number, ListedMessage>();

  /** Takes a line of LIST's answer. */
  size(line: string): void {
    const read = numbered(line);
    const bytes = /^\d{1,15}/.exec(read?.rest ?? "");
    if (read !== null) this.#entry(read.number).listBytes ??= bytes === null ? null : Number(bytes[0]);
  }

  /** Takes a line of UIDL's answer. */
  id(line: string): void {
    const read = numbered(line);
    if (read !== null && /^[\x21-\x7e]+$/.test(read.rest) && read.rest.length <= uidlCharactersMax)
      this.#entry(read.number).uidl ??= read.rest;
  }

  /** What was listed; the reader is of no use afterwards. */
  end(): Listing {
    for (const message of [...this.#beside.values()].sort((a, b) => a.number - b.number)) this.#inOrder.push(message);
    return { messages: this.#inOrder, uidls: dropDoubled(this.#inOrder) };
  }

  #entry(number: number): ListedMessage {
    const found = this.#inOrder[number - 1] ?? this.#beside.get(number);
    if (found !== undefined) return found;
    const entry = { number, listBytes: null, uidl: null };
    if (number === this.#inOrder.length + 1) this.#inOrder.push(entry);
    else this.#beside.set(number, entry);
    return entry;
  }
}

function dropDoubled(messages: ListedMessage[]): Listing["uidls"] {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const { uidl } of messages) {
    if (uidl === null) continue;
    if (seen.has(uidl)) doubled.add(uidl);
    seen.add(uidl);
  }
  for (const message of messages) if (message.uidl !== null && doubled.has(message.uidl)) message.uidl = null;
  if (doubled.size > 0) return "doubled";
  return messages.every(({ uidl }) => uidl !== null) ? "usable" : "missing";
}
