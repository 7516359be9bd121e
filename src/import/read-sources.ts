import { messageBytesMax } from "#core/index.ts";
import { emlxPlace } from "./emlx.ts";
import { isReadFault, readFault, readHead, readStretch } from "./files.ts";
import type { Found } from "./found.ts";
import { fromLineBytes } from "./from-line.ts";
import { headBytes, isMailName, looksLikeMail } from "./looks-like-mail.ts";
import { type MboxOpening, mboxOpening, splitMbox } from "./mbox.ts";
import { sourceKeyOf } from "./source-key.ts";
import { readTar, tooLarge } from "./tar.ts";
import { type FoundFile, walk } from "./walk.ts";

/**
 * Everything below `paths`: each message, and each thing that is no mail or cannot be read.
 *
 * Never throws on what the files hold. Repeating it over the same files gives the same keys, also after a Maildir moved
 * or flagged a message, or an mbox grew at its end.
 * @param paths files and folders; a folder is read with all below it
 */
export async function* readSources(paths: readonly string[]): AsyncIterable<Found> {
  for await (const met of walk(paths)) {
    if (met.kind !== "file") {
      yield met;
      continue;
    }
    try {
      yield* readFile(met);
    } catch (error) {
      if (!isReadFault(error)) throw error;
      yield { kind: "unreadable", label: String(met.path), reason: readFault(error) };
    }
  }
}

async function* readFile(file: FoundFile): AsyncIterable<Found> {
  const label = String(file.path);
  if (file.size === 0) {
    yield { kind: "ignored", label, reason: "empty" };
    return;
  }
  const head = await readHead(file.path, headBytes);
  if (/\.(tar|tar\.gz|tgz)$/i.test(file.name) && file.maildir === null) {
    yield* readTar(file.path, head[0] === 0x1f && head[1] === 0x8b);
    return;
  }
  if (/\.emlx$/i.test(file.name) && file.maildir === null) {
    const place = emlxPlace(head, file.size);
    if (place === null) yield { kind: "unreadable", label, reason: "an .emlx file whose length line does not fit it" };
    else yield stretch(file, place, sourceKeyOf(file.path, "", 0), label);
    return;
  }
  const opening = file.maildir !== null || isMailName(file.name) ? null : mboxOpening(head);
  if (opening !== null) {
    yield* readMbox(file, opening);
    return;
  }
  const mail = file.maildir === null ? looksLikeMail(file.name, head) : { isMail: true as const };
  if (!mail.isMail) {
    yield { kind: "ignored", label, reason: mail.reason };
    return;
  }
  const { root, name } = file.maildir ?? { root: file.path, name: "" };
  yield stretch(file, { start: fromLineBytes(head), end: file.size }, sourceKeyOf(root, name, 0), label);
}

async function* readMbox(file: FoundFile, opening: MboxOpening): AsyncIterable<Found> {
  let ordinal = 0;
  for await (const place of splitMbox(readStretch(file.path, 0, file.size), opening)) {
    yield stretch(file, place, sourceKeyOf(file.path, "", ordinal), `${file.path}: message ${ordinal + 1}`);
    ordinal += 1;
  }
}

function stretch(file: FoundFile, place: { start: number; end: number }, sourceKey: string, label: string): Found {
  const length = place.end - place.start;
  if (length === 0) return { kind: "ignored", label, reason: "empty" };
  if (length > messageBytesMax) return { kind: "unreadable", label, reason: tooLarge };
  const bytes = () => readStretch(file.path, place.start, length);
  return { kind: "message", sourceKey, label, length, isRepeatable: true, bytes };
}
