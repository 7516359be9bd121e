/** Containers that are opened wherever they are met. */
export type ContainerKind = "zip" | "gzip" | "tar";

/** Where a tar says that it is one (POSIX ustar, and GNU's older form); very old ones do not. */
const tarMarkAt = 257;
const tarMark = Buffer.from("ustar");
const zipMarks = [Buffer.from("PK\x03\x04"), Buffer.from("PK\x05\x06")];

/**
 * Which container this is by its name and first octets, or null.
 *
 * @param name the file's own name
 * @param head its first octets, 512 at least where it has so many
 */
export function containerKind(name: string, head: Buffer): ContainerKind | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (zipMarks.some((mark) => head.subarray(0, mark.length).equals(mark))) return isDocument(head) ? null : "zip";
  if (head.subarray(tarMarkAt, tarMarkAt + tarMark.length).equals(tarMark)) return "tar";
  // By its name even where it is damaged from the first octet on: then it is told as unreadable, and not passed over.
  if (/\.(?:tar|tar\.gz|tgz)$/i.test(name)) return "tar";
  return /\.zip$/i.test(name) ? "zip" : null;
}

/** Names that come first in a ZIP archive that is a document: of Office, of OpenDocument and EPUB, of Java. */
const documentMembers = /^(?:\[Content_Types\]\.xml|_rels\/|docProps\/|mimetype$|META-INF\/)/;

/** Whether a ZIP archive is a document of some program, by the name of its first member (APPNOTE.TXT §4.3.7). */
function isDocument(head: Buffer): boolean {
  if (head.length < 30) return false;
  return documentMembers.test(head.toString("latin1", 30, 30 + Math.min(100, head.readUInt16LE(26))));
}

/** The name of what a gzip file holds. */
export function plainName(name: string): string {
  return name.replace(/\.tgz$/i, ".tar").replace(/\.gz$/i, "");
}
