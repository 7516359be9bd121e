import { messageBytesMax } from "#core/index.ts";
import { Budget } from "./budget.ts";
import { emlxPlace, emlxUnfit } from "./emlx.ts";
import { isReadFault, readFault, readHead, readStretch } from "./files.ts";
import type { Found, Unquoting } from "./found.ts";
import { fromLineBytes } from "./from-line.ts";
import { containerKind } from "./kinds.ts";
import { headBytes, isMailName, looksLikeMail } from "./looks-like-mail.ts";
import { mboxOpening } from "./mbox.ts";
import { readMboxFile } from "./mbox-members.ts";
import { type MemberTools, readMember } from "./member.ts";
import { tooLarge } from "./passing.ts";
import { folderOf, keyOf, labelOf, type Place } from "./place.ts";
import { isPst, readPst } from "./pst.ts";
import { sourceKeyOf } from "./source-key.ts";
import { type FoundFile, walk } from "./walk.ts";
import { readZip, withZipFile } from "./zip.ts";

/** What somebody knows of the files. */
export interface ReadingOptions {
  /** The quoting to be taken off the messages of every mbox. */
  unquoting: Unquoting;
}

/**
 * Everything below `paths`: each message, and each thing that is no mail or cannot be read.
 *
 * Never throws on what the files hold. Repeating it over the same files gives the same keys, also after a Maildir moved
 * or flagged a message, or an mbox grew at its end.
 * @param paths files and folders; a folder is read with all below it
 */
export async function* readSources(
  paths: readonly string[],
  { unquoting }: ReadingOptions = { unquoting: null },
): AsyncIterable<Found> {
  for await (const met of walk(paths)) {
    if (met.kind !== "file") {
      yield met;
      continue;
    }
    const place = { path: met.path, source: String(met.path), steps: [] };
    try {
      yield* readFile(met, place, { budget: new Budget(met.size), unquoting });
    } catch (error) {
      if (!isReadFault(error)) throw error;
      yield { kind: "unreadable", source: place.source, label: labelOf(place), reason: readFault(error) };
    }
  }
}

async function* readFile(file: FoundFile, place: Place, tools: MemberTools): AsyncIterable<Found> {
  const inMaildir = file.maildir !== null;
  const head = await readHead(file.path, headBytes);
  const kind = inMaildir || head.length === 0 ? null : containerKind(file.name, head);
  if (kind === "zip") {
    yield* withZipFile(file.path, (open) =>
      readZip({ place, open, depth: 1 }, tools.budget, (member) => readMember(member, tools)),
    );
    return;
  }
  if (file.maildir !== null && containerKind("", head) === "gzip") {
    yield* readPackedMail(file, file.maildir, tools);
    return;
  }
  if (kind !== null) {
    const pieces = readStretch(file.path, 0, file.size)[Symbol.asyncIterator]();
    yield* readMember({ place, name: file.name, size: file.size, pieces, depth: 0 }, tools);
    return;
  }
  if (!inMaildir && isPst(head)) {
    yield* readPst(place);
    return;
  }
  const opening = inMaildir || isMailName(file.name) ? null : mboxOpening(head);
  if (opening !== null) {
    yield* readMboxFile({ place, opening, unquoting: tools.unquoting }, file.size);
    return;
  }
  yield readSingle(file, head);
}

/** A message that a server keeps compressed in its Maildir, as Dovecot can: what it holds is the message. */
async function* readPackedMail(
  file: FoundFile,
  { root, name }: NonNullable<FoundFile["maildir"]>,
  tools: MemberTools,
): AsyncIterable<Found> {
  const place = { path: file.path, source: String(root), fileKey: sourceKeyOf(root, name, 0), steps: [] };
  const pieces = readStretch(file.path, 0, file.size)[Symbol.asyncIterator]();
  for await (const found of readMember({ place, name: "message.eml.gz", size: file.size, pieces, depth: 0 }, tools))
    yield found.kind === "message" ? { ...found, folder: String(root) } : found;
}

/** A file that is one message, or none. */
function readSingle(file: FoundFile, head: Buffer): Found {
  const place = { path: file.path, source: "", steps: [] };
  const folder = file.maildir === null ? folderOf(place) : String(file.maildir.root);
  const whence = { source: folder ?? "/", label: labelOf(place) };
  if (file.size === 0) return { kind: "ignored", ...whence, reason: "empty" };
  if (/\.emlx$/i.test(file.name) && file.maildir === null) {
    const emlx = emlxPlace(head, file.size);
    if (emlx !== null) return stretch(file, emlx, { ...whence, folder, sourceKey: keyOf(place) });
    return { kind: "unreadable", ...whence, reason: emlxUnfit };
  }
  const mail = file.maildir === null ? looksLikeMail(file.name, head) : { isMail: true as const };
  if (!mail.isMail) return { kind: "ignored", ...whence, reason: mail.reason };
  const sourceKey = file.maildir === null ? keyOf(place) : sourceKeyOf(file.maildir.root, file.maildir.name, 0);
  return stretch(file, { start: fromLineBytes(head), end: file.size }, { ...whence, folder, sourceKey });
}

function stretch(
  file: FoundFile,
  { start, end }: { start: number; end: number },
  where: { source: string; label: string; folder: string | null; sourceKey: string },
): Found {
  const { source, label } = where;
  const length = end - start;
  if (length === 0) return { kind: "ignored", source, label, reason: "empty" };
  if (length > messageBytesMax) return { kind: "unreadable", source, label, reason: tooLarge };
  const bytes = () => readStretch(file.path, start, length);
  return { kind: "message", ...where, owner: null, unquoted: null, length, isRepeatable: true, bytes };
}
