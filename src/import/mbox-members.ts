import { messageBytesMax } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import { readPeek, readStretch } from "./files.ts";
import type { Found, FoundMessage, Unquoting } from "./found.ts";
import { type MboxMember, type MboxOpening, type MboxSource, MboxSplitter } from "./mbox.ts";
import { held, memberHeldBytesMax, PassingBytes, type Pieces, tooLarge } from "./passing.ts";
import { folderOf, inside, keyOf, labelOf, type Place } from "./place.ts";
import { StreamWindow } from "./stream-window.ts";

/** How an mbox is to be read. */
interface MboxReading {
  place: Place;
  opening: MboxOpening;
  unquoting: Unquoting;
}

/** The messages of an mbox file on disk: each can be read again. */
export async function* readMboxFile(reading: MboxReading, size: number): AsyncIterable<Found> {
  const { path } = reading.place;
  const source = {
    bytes: readStretch(path, 0, size),
    peek: (at: number, length: number) => readPeek(path, at, length),
  };
  for await (const { member, found } of membersOf(reading, source)) {
    const bytes = () => unquoted(readStretch(path, member.start, member.end - member.start), member);
    yield found.kind === "message" ? { ...found, isRepeatable: true, bytes } : found;
  }
}

/** The messages of an mbox that passes by once: each is held while it is offered, and a large one alone. */
export async function* readMboxStream(reading: MboxReading, pieces: Pieces): AsyncIterable<Found> {
  const window = new StreamWindow(pieces);
  const source = { bytes: window.passing(), peek: (at: number, length: number) => window.peek(at, length) };
  for await (const { member, found } of membersOf(reading, source)) {
    if (found.kind !== "message") {
      yield found;
    } else {
      const whole = await gathered(unquoted(held(window.slice(member.start, member.end)), member), found.length);
      if (whole.length <= memberHeldBytesMax) {
        yield { ...found, isRepeatable: true, bytes: () => held(whole) };
      } else {
        const passing = new PassingBytes(whole, nothing);
        yield { ...found, isRepeatable: false, bytes: () => passing.take() };
        await passing.passed();
      }
    }
    window.letGo(member.end);
  }
}

type Unread = Omit<FoundMessage, "isRepeatable" | "bytes"> | Exclude<Found, FoundMessage>;

async function* membersOf(
  { place, opening, unquoting }: MboxReading,
  source: MboxSource,
): AsyncIterable<{ member: MboxMember; found: Unread }> {
  const splitter = new MboxSplitter(source, opening, unquoting);
  let ordinal = 0;
  let end = 0;
  for await (const member of splitter.members()) {
    const at = inside(place, "", ordinal);
    const whence = { source: place.source, label: labelOf(at) };
    const length = member.end - member.start - member.quotes.length;
    ordinal += 1;
    end = member.end;
    if (length === 0) yield { member, found: { kind: "ignored", ...whence, reason: "empty" } };
    else if (length > messageBytesMax) yield { member, found: { kind: "unreadable", ...whence, reason: tooLarge } };
    else {
      const unquoted = member.quotes.length > 0 ? unquoting : null;
      const found = { sourceKey: keyOf(at), folder: folderOf(at), owner: null, unquoted, length };
      yield { member, found: { kind: "message", ...whence, ...found } };
    }
  }
  const found = { source: place.source, label: labelOf(place), variant: splitter.variant() };
  yield { member: { start: end, end, quotes: [] }, found: { kind: "variant", ...found } };
}

/** The octets of a member without those at its `quotes`. */
async function* unquoted(bytes: Bytes, { start, quotes }: MboxMember): Bytes {
  let at = start;
  let next = 0;
  for await (const piece of bytes) {
    let done = 0;
    for (let quote = quotes[next]; quote !== undefined && quote < at + piece.length; quote = quotes[next]) {
      if (quote - at > done) yield piece.subarray(done, quote - at);
      done = quote - at + 1;
      next += 1;
    }
    if (done < piece.length) yield piece.subarray(done);
    at += piece.length;
  }
}

/** A copy, so that what it was cut from can be let go. */
async function gathered(bytes: Bytes, length: number): Promise<Buffer> {
  const whole = Buffer.alloc(length);
  let filled = 0;
  for await (const piece of bytes) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  return whole;
}

const nothing: Pieces = { next: async () => ({ done: true, value: undefined }) };
