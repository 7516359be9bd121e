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

/**
 * Signed content in the forms that it may have been signed in: as it stands, and with the line ends it may have had: CRLF as the
 * standard asks, where they were changed on the way, and bare LF, which NSS's own tools have signed. Nothing else may differ.
 */
export interface SignedForms {
  /** Whether `test` holds for one of them. Each further form is made when the ones before did not pass, and kept. */
  some(test: (form: Buffer) => boolean): boolean;
}

/** A signature and what it is of. */
export interface DetachedParts {
  signature: Buffer;
  forms: SignedForms;
}

/** The parts of a `multipart/signed` with an S/MIME signature, or null when `part` is none. @see RFC 1847 §2.1 */
export function signedParts(bytes: Buffer, parts: readonly MailPart[], part: MailPart): DetachedParts | null {
  if (part.type !== "multipart/signed") return null;
  const prefix = part.path === "" ? "" : `${part.path}.`;
  const content = parts.find(({ path }) => path === `${prefix}1`);
  const signature = parts.find(({ path }) => path === `${prefix}2`);
  if (content === undefined || signature === undefined) return null;
  if (!signatureTypes.has(signature.type) && !signature.filenames.some((name) => /\.p7s$/i.test(name))) return null;
  const forms = formsOf(bytes.subarray(content.header.start, content.body.end));
  return { signature: Buffer.from(decodePart(bytes, signature)), forms };
}

function formsOf(exact: Buffer): SignedForms {
  const made = [exact];
  const further = [withCrlf, withLf];
  return {
    some(test) {
      for (let index = 0; ; index += 1) {
        if (index === made.length) {
          const make = further.shift();
          if (make === undefined) return false;
          const form = make(exact);
          if (made.some((one) => one.equals(form))) {
            index -= 1;
            continue;
          }
          made.push(form);
        }
        if (test(made[index]!)) return true;
      }
    },
  };
}

const cr = 0x0d;
const lf = 0x0a;

/** The same with a CR before each LF that has none. */
function withCrlf(bytes: Buffer): Buffer {
  let bare = 0;
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) if (bytes[at - 1] !== cr) bare += 1;
  if (bare === 0) return bytes;
  const whole = Buffer.allocUnsafe(bytes.length + bare);
  let from = 0;
  let filled = 0;
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at - 1] === cr) continue;
    filled += bytes.copy(whole, filled, from, at);
    whole[filled] = cr;
    filled += 1;
    from = at;
  }
  bytes.copy(whole, filled, from);
  return whole;
}

/** The same without the CR before an LF. */
function withLf(bytes: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(bytes.length);
  let from = 0;
  let filled = 0;
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at - 1] !== cr || at - 1 < from) continue;
    filled += bytes.copy(whole, filled, from, at - 1);
    from = at;
  }
  filled += bytes.copy(whole, filled, from);
  return whole.subarray(0, filled);
}
