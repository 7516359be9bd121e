import { decodePart, type MailPart } from "#mail/index.ts";

const cmsTypes = new Set(["application/pkcs7-mime", "application/x-pkcs7-mime"]);
const signatureTypes = new Set(["application/pkcs7-signature", "application/x-pkcs7-signature"]);

/** Whether a part is a CMS object, by type or by name; `smime-type` is not asked, since it is often absent and may lie. */
export function isCmsPart({ type, filenames }: Pick<MailPart, "type" | "filenames">): boolean {
  if (cmsTypes.has(type)) return true;
  return type === "application/octet-stream" && filenames.some((name) => /\.p7[mz]$/i.test(name));
}

/** Whether reading the S/MIME of a message may give anything, by the parts it is listed with. */
export function mayHaveSmime(parts: readonly { type: string; filename: string | null }[]): boolean {
  return parts.some(
    ({ type, filename }) => cmsTypes.has(type) || signatureTypes.has(type) || /\.p7[mszc]$/i.test(filename ?? ""),
  );
}

/** A signature and the bytes it is of. */
export interface DetachedParts {
  signature: Buffer;
  /**
   * The signed part as it stands, and with the line ends it may have been signed with: CRLF as the standard asks, where they
   * were changed on the way, and bare LF, which NSS's own tools have signed. Nothing else may differ.
   */
  forms: Buffer[];
}

/** The parts of a `multipart/signed` with an S/MIME signature, or null when `part` is none. @see RFC 1847 §2.1 */
export function signedParts(bytes: Buffer, parts: readonly MailPart[], part: MailPart): DetachedParts | null {
  if (part.type !== "multipart/signed") return null;
  const prefix = part.path === "" ? "" : `${part.path}.`;
  const content = parts.find(({ path }) => path === `${prefix}1`);
  const signature = parts.find(({ path }) => path === `${prefix}2`);
  if (content === undefined || signature === undefined) return null;
  if (!signatureTypes.has(signature.type) && !signature.filenames.some((name) => /\.p7s$/i.test(name))) return null;
  const exact = bytes.subarray(content.header.start, content.body.end);
  const text = exact.toString("latin1");
  const lineEnds = ["\r\n", "\n"].map((end) => Buffer.from(text.replace(/\r?\n/g, end), "latin1"));
  const forms = [exact, ...lineEnds.filter((form) => !form.equals(exact))];
  return { signature: Buffer.from(decodePart(bytes, signature)), forms };
}
