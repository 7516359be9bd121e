import { test } from "node:test";
import { type MailPart, readMessage } from "#mail/index.ts";
import { comparison, filesOf, type Kept } from "./kept.ts";

const unnamed = "a type without subtype says nothing, so the part is text/plain (RFC 2045 §5.2)";
const opened = "they show what lies in the signature; we show the part, and open it when it is read";
const shared = "of multiparts with one boundary the inner ones lie in each other, as the message itself says";
const zone = "the zone is known by its letters, in upper or lower case; they take it for UTC";

const kept: Kept = {
  "mbox/jwz/1: tree": unnamed,
  "mbox/jwz/29: tree": unnamed,
  "mbox/jwz/134: tree": unnamed,
  "mbox/jwz/135: tree": unnamed,
  "mbox/jwz/116: tree": opened,
  "mbox/jwz/116: filenames": opened,
  "mbox/jwz/117: tree": opened,
  "mbox/jwz/117: filenames": opened,
  "mbox/jwz/22: tree": "two semicolons before the boundary do not hide it",
  "mbox/jwz/40: tree": "a part of a digest is a message unless it says otherwise (RFC 2046 §5.1.5)",
  "mbox/jwz/41: tree": "a quote that is not closed does not hide the boundary",
  "mbox/jwz/132: tree": "a multipart without parts is a container all the same",
  "mbox/simple/2: tree": shared,
  "mbox/simple/3: tree": "an empty boundary is none; the words are searched all the same",
  "mbox/jwz/86: to": "a path of hosts is an address, as it was before there were domains",
  "mbox/jwz/88: to": "quotes within an address are taken off, and the words behind it are its name",
  "mbox/jwz/125: date": zone,
  "mbox/jwz/44: date": zone,
  "mbox/jwz/7: date": zone,
  "mbox/jwz/14: date": zone,
  "mbox/jwz/28: date": zone,
  "mbox/jwz/43: date": zone,
  "mbox/jwz/101: date": zone,
  "mbox/jwz/145: date": zone,
  "mbox/jwz/132: to": "a group without members is listed by its name, and the comment behind it too",
};

/** What mailcore2 prints of a part. */
interface Theirs {
  class: string;
  partType: string;
  mimeType: string;
  filename?: string;
  charset?: string;
  contentID?: string;
  parts?: { items: Theirs[] };
  mainPart?: Theirs;
}
interface TheirMailbox {
  displayName?: string;
  mailbox: string;
}

const ownName = new Set(["multipart/alternative", "multipart/signed", "multipart/related"]);

function theirTree({ class: kind, partType, mimeType, parts, mainPart }: Theirs): string {
  if (kind === "mailcore::Multipart") return `${partType}(${(parts?.items ?? []).map(theirTree).join(" ")})`;
  if (kind === "mailcore::MessagePart") return `message(${mainPart === undefined ? "" : theirTree(mainPart)})`;
  return mimeType.toLowerCase();
}

function theirLeaves(part: Theirs): Theirs[] {
  if (part.class === "mailcore::Attachment") return [part];
  return [...(part.parts?.items ?? []), ...(part.mainPart === undefined ? [] : [part.mainPart])].flatMap(theirLeaves);
}

/** The part at the head of `parts` with all below it, which are taken off. */
function ourTree(parts: MailPart[]): string {
  const { depth, isContainer, type } = parts.shift()!;
  if (!isContainer) return type;
  const below: string[] = [];
  while (parts.length > 0 && parts[0]!.depth > depth) below.push(ourTree(parts));
  if (!type.startsWith("multipart/")) return `message(${below.join(" ")})`;
  return `${ownName.has(type) ? type : "multipart/mixed"}(${below.join(" ")})`;
}

const withoutBrackets = (id: string | null): string => id?.replace(/^<|>$/g, "") ?? "";
/** They make up an id where there is none, and a date. */
const madeUpId = "MyMessageID123@mail.gmail.com";
const madeUpDates = new Set([978307200, 1174770000]);
/** They read a year of two digits as one of this century. */
const century = 36525 * 24 * 60 * 60;
const year2065 = 3_000_000_000;

test("sees the parts, people and dates of old mail that mailcore2 sees", () => {
  const files = filesOf("mime-jwz-mbox");
  const { same, end } = comparison(kept);
  for (const [path, bytes] of files) {
    if (!path.startsWith("output/")) continue;
    const name = path.slice("output/".length).replace(/\.txt$/, "");
    const { header, mainPart } = JSON.parse(bytes.toString()) as { header: Record<string, unknown>; mainPart: Theirs };
    const reading = readMessage(files.get(path.replace("output/", "input/"))!);
    const { headers, parts } = reading;
    same(`${name}: tree`, ourTree([...parts]), theirTree(mainPart));
    const leaves = parts.filter(({ isContainer }) => !isContainer);
    const theirs = theirLeaves(mainPart);
    if (leaves.length === theirs.length) {
      // A name is safe to save under only without its folders.
      const safe = (filename: string | undefined) => filename?.replaceAll("/", "") ?? null;
      same(
        `${name}: filenames`,
        leaves.map(({ filename }) => filename),
        theirs.map(({ filename }) => safe(filename)),
      );
      same(
        `${name}: charsets`,
        leaves.map(({ charset }) => charset?.toLowerCase()),
        theirs.map(({ charset }) => charset?.toLowerCase()),
      );
      same(
        `${name}: ids`,
        leaves.map(({ contentId }) => contentId ?? undefined),
        theirs.map(({ contentID }) => contentID),
      );
    }
    const subject = String(header.subject ?? "")
      .replace(/ +/g, " ")
      .trim();
    same(`${name}: subject`, headers.subject, subject);
    same(`${name}: id`, withoutBrackets(headers.messageId) || madeUpId, header.messageID);
    same(`${name}: references`, headers.references.map(withoutBrackets), header.references ?? []);
    same(
      `${name}: in reply to`,
      withoutBrackets(headers.inReplyTo),
      (header.inReplyTo as string[] | undefined)?.[0] ?? "",
    );
    for (const field of ["to", "cc", "from"] as const) {
      const list = field === "from" ? [header.from] : (header[field] as { items: unknown[] } | undefined)?.items;
      const mailboxes = (list ?? []).filter((each) => each !== undefined) as TheirMailbox[];
      // They leave out names that stand in comments.
      const ours = headers[field].map(({ name: given, address }, index) => {
        const isNamed = mailboxes[index]?.displayName !== undefined;
        return isNamed ? `${given} <${address}>` : address;
      });
      same(
        `${name}: ${field}`,
        ours,
        mailboxes.map(({ displayName, mailbox }) =>
          displayName === undefined ? mailbox : `${displayName} <${mailbox}>`,
        ),
      );
    }
    same(
      `${name}: date`,
      headers.date === null ? "none" : headers.date / 1000,
      dateOf(Number(header.date), headers.date),
    );
  }
  end(1500);
});

function dateOf(theirs: number, ours: number | null): number | string {
  if (ours === null && madeUpDates.has(theirs)) return "none";
  return theirs > year2065 ? theirs - century : theirs;
}
