/**
 * One element of BER as it lies in its bytes: nothing is copied, and nothing inside is read before it is asked for.
 *
 * A tree of objects would be many times larger than the message that a stranger sent; a view is not.
 */
export interface Element {
  source: Buffer;
  /** Class and number as written in a one-octet identifier without the constructed bit: 0x30 is 0x10 here, [0] is 0x80. */
  tag: number;
  isConstructed: boolean;
  /** Where the identifier begins. */
  start: number;
  /** Where the contents begin and end; the end-of-contents octets are not part of them. */
  content: number;
  end: number;
  /** Where the next element may begin. */
  next: number;
}

/** Universal and context tags that CMS uses, as {@link Element.tag} has them. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x10,
  set: 0x11,
  context0: 0x80,
  context1: 0x81,
  context2: 0x82,
  context3: 0x83,
  context4: 0x84,
} as const;

/** Levels of indefinite length inside one another; CMS needs about ten, and each costs one pass over what is inside. */
export const berDepthMax = 64;

/**
 * The element at `at`, or null when there is none that ends by `limit`. Accepts every BER length form: Outlook and
 * `openssl cms -stream` write indefinite ones.
 *
 * @see X.690 §8.1
 */
export function elementAt(source: Buffer, at = 0, limit: number = source.length): Element | null {
  const head = headAt(source, at, limit);
  if (head === null) return null;
  const { tag, isConstructed, content, length } = head;
  if (length !== null) {
    const end = content + length;
    return end > limit ? null : { source, tag, isConstructed, start: at, content, end, next: end };
  }
  if (!isConstructed) return null;
  const end = endOfContents(source, content, limit);
  return end === null ? null : { source, tag, isConstructed, start: at, content, end, next: end + 2 };
}

/** The elements inside a constructed one, in order; ends early where the bytes make no sense. */
export function* children(element: Element): Generator<Element> {
  if (!element.isConstructed) return;
  for (let at = element.content; at < element.end; ) {
    const child = elementAt(element.source, at, element.end);
    if (child === null) return;
    yield child;
    at = child.next;
  }
}

/** The first `count` children; absent ones are null. */
export function firstChildren(element: Element | null, count: number): (Element | null)[] {
  const found: (Element | null)[] = [];
  if (element !== null) {
    for (const child of children(element)) {
      found.push(child);
      if (found.length === count) break;
    }
  }
  while (found.length < count) found.push(null);
  return found;
}

/** At most `count` children; fewer where there are fewer. A stranger may send millions where a structure has seven. */
export function childrenUpTo(element: Element, count: number): Element[] {
  return firstChildren(element, count).filter((child) => child !== null);
}

/** The element with identifier and length, as it stands. */
export function encoded({ source, start, next }: Element): Buffer {
  return source.subarray(start, next);
}

/** The contents as they stand. */
export function contents({ source, content, end }: Element): Buffer {
  return source.subarray(content, end);
}

/**
 * The octets of an OCTET STRING, also of one that was tagged implicitly, also in pieces (constructed, at any depth).
 * Shares memory with the source where it is in one piece.
 */
export function octets(element: Element): Buffer {
  if (!element.isConstructed) return contents(element);
  // Counted first and copied then: a list of pieces of one octet each would be a hundred times their size.
  let count = 0;
  let total = 0;
  let first: Buffer | null = null;
  eachPiece(element, (start, end) => {
    if (count === 0) first = element.source.subarray(start, end);
    count += 1;
    total += end - start;
  });
  if (count === 1 && first !== null) return first;
  const whole = Buffer.allocUnsafe(total);
  let filled = 0;
  eachPiece(element, (start, end) => {
    filled += element.source.copy(whole, filled, start, end);
  });
  return whole;
}

/** Calls `visit` with the place of each primitive piece, in order. */
function eachPiece(element: Element, visit: (start: number, end: number) => void): void {
  // Pieces inside pieces follow one another in the bytes, so descending is just going on.
  for (let at = element.content; at < element.end; ) {
    const head = headAt(element.source, at, element.end);
    if (head === null) return;
    if (head.isConstructed) {
      at = head.content;
      continue;
    }
    const end = Math.min(head.content + (head.length ?? 0), element.end);
    if (head.tag === tags.octetString) visit(head.content, end);
    at = end;
  }
}

/** An object identifier in dots, or null when it is none. At most 32 arcs are read. */
export function oidOf(element: Element | null): string | null {
  if (element === null || element.tag !== tags.oid || element.isConstructed) return null;
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of contents(element)) {
    arc = arc * 128 + (octet & 0x7f);
    if (!Number.isSafeInteger(arc) || arcs.length === 32) return null;
    if (octet & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.length === 0 ? null : arcs.join(".");
}

/** A small INTEGER, or null when it is none or larger than a number holds. */
export function integerOf(element: Element | null): number | null {
  if (element === null || element.tag !== tags.integer) return null;
  const bytes = contents(element);
  if (bytes.length === 0 || bytes.length > 6) return null;
  return bytes.readIntBE(0, bytes.length);
}

/** Writes one element with a definite length, for the few that a computation is over. `identifier` is one octet. */
export function der(identifier: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(identifier, body.length), body]);
  const length: number[] = [];
  for (let left = body.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  return Buffer.concat([Buffer.of(identifier, 0x80 | length.length, ...length), body]);
}

interface Head {
  tag: number;
  isConstructed: boolean;
  content: number;
  /** Null for the indefinite form. */
  length: number | null;
}

function headAt(source: Buffer, at: number, limit: number): Head | null {
  if (at + 2 > limit) return null;
  const identifier = source[at]!;
  // Tag numbers above 30 are in nothing that we read.
  if ((identifier & 0x1f) === 0x1f) return null;
  const first = source[at + 1]!;
  const head = { tag: identifier & 0xdf, isConstructed: (identifier & 0x20) !== 0 };
  if (first < 0x80) return { ...head, content: at + 2, length: first };
  if (first === 0x80) return { ...head, content: at + 2, length: null };
  const count = first & 0x7f;
  if (at + 2 + count > limit) return null;
  let length = 0;
  for (let index = 0; index < count; index += 1) {
    length = length * 256 + source[at + 2 + index]!;
    if (length > limit) return null;
  }
  return { ...head, content: at + 2 + count, length };
}

/** Where the end-of-contents octets are that belong to contents beginning at `at`. */
function endOfContents(source: Buffer, at: number, limit: number): number | null {
  let depth = 1;
  let here = at;
  while (here + 2 <= limit) {
    if (source[here] === 0 && source[here + 1] === 0) {
      depth -= 1;
      if (depth === 0) return here;
      here += 2;
      continue;
    }
    const head = headAt(source, here, limit);
    if (head === null) return null;
    if (head.length === null) {
      depth += 1;
      if (depth > berDepthMax) return null;
      here = head.content;
    } else {
      here = head.content + head.length;
    }
  }
  return null;
}
