import { decodeUnlabelled } from "./charset.ts";
import type { NoteDefect } from "./defects.ts";
import { safeFilename } from "./filenames.ts";
import { depthMax, partsMax } from "./limits.ts";
import type { MailPart, Span } from "./reading.ts";
import { isEncoding } from "./transfer-encoding.ts";
import { findUuencoded } from "./uuencode.ts";
import type { Node } from "./walk.ts";
import { findYencBegin } from "./yenc.ts";

/**
 * The nodes with a part behind each plain text for every uuencoded or yEnc file that stands in it, as mail programs without
 * MIME wrote their attachments. The text keeps all its bytes.
 */
export function withEmbeddedFiles(bytes: Buffer, nodes: readonly Node[], note: NoteDefect): Node[] {
  const all: Node[] = [];
  let left = partsMax - nodes.length;
  for (const node of nodes) {
    all.push(node);
    const { part } = node;
    if (part.type !== "text/plain" || isEncoding(part.encoding) || part.depth >= depthMax) continue;
    let count = 0;
    for (const file of filesIn(bytes, part.body)) {
      if (left === 0) {
        note("parts_exceeded", file.start);
        break;
      }
      left -= 1;
      count += 1;
      all.push(nodeOf(node, file, count));
    }
  }
  return all;
}

interface EmbeddedFile extends Span {
  encoding: "uuencode" | "yenc";
  /** As it is written. */
  name: string;
}

/** The files in a stretch of text, in order of position, none in another. */
function* filesIn(bytes: Buffer, { start, end }: Span): Generator<EmbeddedFile> {
  const text = bytes.subarray(0, end);
  let uuencoded = findUuencoded(text, start);
  let yenc = findYenc(text, start);
  while (uuencoded !== null || yenc !== null) {
    const file = yenc === null || (uuencoded !== null && uuencoded.start < yenc.start) ? uuencoded! : yenc;
    const encoding = file === uuencoded ? "uuencode" : "yenc";
    yield { start: file.start, end: file.end, encoding, name: file.filename };
    if (uuencoded !== null && uuencoded.start < file.end) uuencoded = findUuencoded(text, file.end);
    if (yenc !== null && yenc.start < file.end) yenc = findYenc(text, file.end);
  }
}

/** From the begin line to the end line, or to the next begin line or the end of the text where that is missing. */
function findYenc(text: Buffer, from: number): { start: number; end: number; filename: string } | null {
  const begin = findYencBegin(text, from);
  if (begin === null) return null;
  const { start, filename } = begin;
  const next = findYencBegin(text, begin.next)?.start ?? text.length;
  const yend = text.subarray(0, next).indexOf("=yend", begin.next);
  let end = yend < 0 ? next : yend;
  while (yend >= 0 && end < text.length && text[end] !== 0x0a && text[end] !== 0x0d) end += 1;
  return { start, end, filename };
}

function nodeOf(parent: Node, { start, end, encoding, name }: EmbeddedFile, number: number): Node {
  const { path, depth } = parent.part;
  const given = decodeUnlabelled(Buffer.from(name, "latin1"), parent.part.charset);
  const part: MailPart = {
    path: path === "" ? `${number}` : `${path}.${number}`,
    depth: depth + 1,
    header: { start, end: start },
    body: { start, end },
    type: "application/octet-stream",
    charset: null,
    encoding,
    disposition: "attachment",
    filename: safeFilename(given) || null,
    filenames: [given],
    contentId: null,
    isContainer: false,
  };
  const kind = { type: part.type, charset: null, encoding, boundary: null };
  return { part, kind, others: [], parent, isNested: parent.isNested, loose: [], shown: [] };
}
