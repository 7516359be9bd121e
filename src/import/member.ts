import { messageBytesMax } from "#core/index.ts";
import { type Budget, containersDepthMax } from "./budget.ts";
import { emlxPlace, emlxUnfit } from "./emlx.ts";
import { readFault } from "./files.ts";
import type { Found, FoundMessage, Unquoting } from "./found.ts";
import { fromLineBytes } from "./from-line.ts";
import { gunzipped } from "./gzip.ts";
import { type ContainerKind, containerKind, plainName } from "./kinds.ts";
import { headBytes, isMailName, looksLikeMail } from "./looks-like-mail.ts";
import { mboxOpening } from "./mbox.ts";
import { readMboxStream } from "./mbox-members.ts";
import { drained, held, memberHeldBytesMax, PassingBytes, type Pieces, rejoined, taken, tooLarge } from "./passing.ts";
import { folderOf, keyOf, labelOf, type Place } from "./place.ts";
import { isPst } from "./pst.ts";
import { readTar } from "./tar.ts";
import { readZip, zipOfBytes } from "./zip.ts";

/** Something that passes by once: a member of a container, or what a compressed file holds. */
export interface Member {
  place: Place;
  /** Its own name, by which it is judged; a compressed file's without the ending that says so. */
  name: string;
  /** Octets it has; null where only its end tells. */
  size: number | null;
  pieces: Pieces;
  /** Containers it lies in. */
  depth: number;
}

/** What all members of one file on disk share. */
export interface MemberTools {
  budget: Budget;
  unquoting: Unquoting;
}

/**
 * What a member is, or holds. Reads it to its end unless it is no mail, or a message that its taker left.
 *
 * Throws what `pieces` throw; a damaged container inside is one unreadable thing, after what was found before the damage.
 */
export async function* readMember(member: Member, tools: MemberTools): AsyncIterable<Found> {
  const { place, name, pieces } = member;
  const isHeld = member.size !== null && member.size <= memberHeldBytesMax;
  const start = await taken(pieces, isHeld ? memberHeldBytesMax + 1 : headBytes);
  const head = start.subarray(0, headBytes);
  const kind = containerKind(name, head);
  if (kind !== null) {
    yield* readContainer(kind, member, start, tools);
    return;
  }
  if (isPst(head)) {
    const reason = "a PST file in an archive; unpack it first";
    yield { kind: "unreadable", source: place.source, label: labelOf(place), reason };
    return;
  }
  const opening = isMailName(name) ? null : mboxOpening(head);
  if (opening !== null) {
    const { unquoting } = tools;
    yield* readMboxStream({ place, opening, unquoting }, rejoined(start, pieces)[Symbol.asyncIterator]());
    return;
  }
  yield* readMessage(member, start);
}

async function* readContainer(
  kind: ContainerKind,
  member: Member,
  start: Buffer,
  tools: MemberTools,
): AsyncIterable<Found> {
  const { place, name, pieces } = member;
  const whence = { source: place.source, label: labelOf(place) };
  const depth = member.depth + 1;
  if (depth > containersDepthMax) {
    yield { kind: "unreadable", ...whence, reason: `more than ${containersDepthMax} archives inside one another` };
    return;
  }
  const bytes = rejoined(start, pieces);
  const read = (inner: Member) => readMember(inner, tools);
  if (kind === "tar") {
    yield* readTar({ place, bytes, depth }, tools.budget, read);
  } else if (kind === "gzip") {
    const unfolded = gunzipped(bytes, tools.budget)[Symbol.asyncIterator]();
    try {
      yield* guarded(whence, tools.budget, read({ place, name: plainName(name), size: null, pieces: unfolded, depth }));
    } finally {
      // What is no mail is not unfolded to its end.
      await unfolded.return?.();
    }
  } else {
    const room = tools.budget.holdable();
    const whole = await taken(bytes[Symbol.asyncIterator](), room + 1);
    if (whole.length > room) {
      yield { kind: "unreadable", ...whence, reason: "a ZIP archive inside another that is too large to be held" };
      return;
    }
    tools.budget.hold(whole.length);
    try {
      yield* readZip({ place, open: () => zipOfBytes(whole), depth }, tools.budget, read);
    } finally {
      tools.budget.hold(-whole.length);
    }
  }
}

/** What is found until something cannot be read, which is one unreadable thing more. */
async function* guarded(
  whence: { source: string; label: string },
  budget: Budget,
  found: AsyncIterable<Found>,
): AsyncIterable<Found> {
  try {
    yield* found;
  } catch (error) {
    if (budget.isSpent) throw error;
    yield { kind: "unreadable", ...whence, reason: readFault(error) };
  }
}

async function* readMessage({ place, name, size, pieces }: Member, first: Buffer): AsyncIterable<Found> {
  const whence = { source: place.source, label: labelOf(place) };
  const mail = looksLikeMail(name, first.subarray(0, headBytes));
  if (!mail.isMail) {
    yield { kind: "ignored", ...whence, reason: mail.reason };
    return;
  }
  // Where only the end tells how long it is, it is held whole; there is no other way to know before.
  const start = size === null ? Buffer.concat([first, await taken(pieces, messageBytesMax + 1)]) : first;
  const bytes = size ?? start.length;
  const isEmlx = /\.emlx$/i.test(name);
  const emlx = isEmlx ? emlxPlace(start.subarray(0, headBytes), bytes) : null;
  if (isEmlx && emlx === null) {
    yield { kind: "unreadable", ...whence, reason: emlxUnfit };
    return;
  }
  const from = emlx?.start ?? fromLineBytes(start.subarray(0, headBytes));
  const length = (emlx?.end ?? bytes) - from;
  if (length > messageBytesMax) {
    yield { kind: "unreadable", ...whence, reason: tooLarge };
    return;
  }
  const found: Omit<FoundMessage, "isRepeatable" | "bytes"> = {
    kind: "message",
    ...whence,
    ...{ sourceKey: keyOf(place), folder: folderOf(place), owner: null, unquoted: null, length },
  };
  const isWhole = start.length >= from + length;
  if (isWhole && length <= memberHeldBytesMax) {
    const message = start.subarray(from, from + length);
    await drained(pieces);
    yield { ...found, isRepeatable: true, bytes: () => held(message) };
    return;
  }
  const rest = isWhole ? start.subarray(from, from + length) : start.subarray(from);
  const passing = new PassingBytes(rest, limited(pieces, length - rest.length));
  yield { ...found, isRepeatable: false, bytes: () => passing.take() };
  await passing.passed();
}

/** The first `length` octets of the pieces; the rest passes by, since a container may tell of damage only at its end. */
function limited(pieces: Pieces, length: number): Pieces {
  let left = length;
  return {
    next: async () => {
      if (left === 0) {
        await drained(pieces);
        return { done: true, value: undefined };
      }
      const next = await pieces.next();
      if (next.done) return next;
      const value = next.value.subarray(0, left);
      left -= value.length;
      return { done: false, value };
    },
  };
}
