import type { NoteDefect } from "./defects.ts";
import { readFilenames } from "./filenames.ts";
import { fieldText } from "./header-text.ts";
import { boundaryBytesMax, headerFieldBytesMax } from "./limits.ts";
import { type Parameter, type Parameterized, parameterValues, splitParameters } from "./parameters.ts";
import type { HeaderField, MailPart } from "./reading.ts";
import { encodingNamed } from "./transfer-encoding.ts";

/** How the body of a part is to be read. */
export interface Kind {
  type: string;
  charset: string | null;
  encoding: string;
  /** Of a multipart: the boundary, null when none is named or it is too long. */
  boundary: string | null;
}

/** What the header of a part says of its body; `others` are further kinds that another reader may see in it. */
export interface Content {
  kind: Kind;
  others: Kind[];
  disposition: MailPart["disposition"];
  filename: string | null;
  filenames: string[];
  contentId: string | null;
}

/**
 * Reads the content fields of one part. A field or boundary given twice counts the first time; what the second would
 * have made of the part is listed in `others`, and the part noted as ambiguous.
 *
 * @param typeDefault the type when no Content-Type is given: `text/plain`, or `message/rfc822` in a digest
 * @see RFC 2045 §5, §6; RFC 2183
 */
export function readContent(
  bytes: Buffer,
  fields: readonly HeaderField[],
  typeDefault: string,
  note: NoteDefect,
): Content {
  const types: Parameterized[] = [];
  const encodings: string[] = [];
  let disposition: Parameterized | null = null;
  let contentId: string | null = null;
  let at = -1;
  for (const field of fields) {
    if (!field.name.startsWith("content-")) continue;
    if (at < 0) at = field.value.start;
    const text = () => fieldText(bytes, field, headerFieldBytesMax, note);
    if (field.name === "content-type") types.push(splitParameters(text()));
    else if (field.name === "content-transfer-encoding") encodings.push(readEncoding(text(), field, note));
    else if (field.name === "content-disposition") {
      if (disposition === null) disposition = splitParameters(text());
      else {
        note("field_duplicate", field.value.start);
        note("ambiguous", field.value.start);
        disposition.parameters.push(...splitParameters(text()).parameters);
      }
    } else if (field.name === "content-id") contentId ??= text().replace(/^<|>$/g, "") || null;
  }
  const kinds = kindsOf(types, encodings, typeDefault, at, note);
  const typeParameters = types.flatMap((each) => each.parameters);
  const names = readFilenames(disposition?.parameters ?? [], typeParameters);
  if (names.isUnsafe) note("filename_unsafe", at);
  if (names.isConflict) note("filename_conflict", at);
  return {
    kind: kinds[0]!,
    others: kinds.slice(1),
    disposition: disposition === null ? null : dispositionNamed(disposition.value),
    filename: names.display,
    filenames: names.all,
    contentId,
  };
}

/** Whether the bodies of this type are made of parts with headers of their own. */
export function isMultipart(type: string): boolean {
  return type.startsWith("multipart/");
}

/** Whether the body of this type is itself a message. `message/global` is the same with UTF-8 headers (RFC 6532 §3.7). */
export function isMessage(type: string): boolean {
  return type === "message/rfc822" || type === "message/global" || type === "message/news";
}

function kindsOf(
  types: readonly Parameterized[],
  encodings: readonly string[],
  typeDefault: string,
  at: number,
  note: NoteDefect,
): Kind[] {
  const encoding = encodings[0] ?? "7bit";
  const plain: Kind = { type: typeDefault, charset: null, encoding, boundary: null };
  const kinds = types.flatMap((each) => kindsOfType(each, encoding, at, note));
  if (kinds.length === 0) kinds.push(plain);
  if (kinds.length === 1 && types.length < 2 && encodings.length < 2) return kinds;
  for (const other of encodings.slice(1)) kinds.push({ ...kinds[0]!, encoding: other });
  if (types.length > 1 || encodings.length > 1) note("field_duplicate", at);
  const distinct = [...new Map(kinds.map((kind) => [JSON.stringify(kind), kind])).values()];
  if (distinct.length > 1) note("ambiguous", at);
  return distinct.slice(0, kindsMax);
}

/** Ways one part is read at most; each costs a pass over its body. */
const kindsMax = 4;

/** One kind for each boundary that the field gives, so usually one. */
function kindsOfType(field: Parameterized, encoding: string, at: number, note: NoteDefect): Kind[] {
  const { type, isReadable } = typeNamed(field.value);
  if (!isReadable) note("content_type_malformed", at);
  if (hasRepeats(field.parameters)) note("parameter_duplicate", at);
  const charset = parameterValues(field.parameters, "charset")[0] || null;
  if (!isMultipart(type)) return [{ type, charset, encoding, boundary: null }];
  const boundaries: string[] = [];
  for (const value of boundaryValues(field.parameters)) {
    const boundary = value.trimEnd();
    if (Buffer.byteLength(boundary) > boundaryBytesMax) note("boundary_long", at);
    else if (boundary !== "" && !boundaries.includes(boundary)) boundaries.push(boundary);
  }
  if (boundaries.length === 0) return [{ type, charset, encoding, boundary: null }];
  return boundaries.map((boundary) => ({ type, charset, encoding, boundary }));
}

/** Boundaries are compared as bytes, so encoded words in them must not be decoded. */
function boundaryValues(parameters: readonly Parameter[]): string[] {
  const plain = parameters.filter((each) => each.name === "boundary").map((each) => each.value);
  const extended = parameters.filter((each) => each.name.startsWith("boundary*"));
  return extended.length === 0 ? plain : [...plain, ...parameterValues(extended, "boundary")];
}

function hasRepeats(parameters: readonly Parameter[]): boolean {
  return new Set(parameters.map((each) => each.name)).size !== parameters.length;
}

function readEncoding(value: string, field: HeaderField, note: NoteDefect): string {
  const encoding = encodingNamed(value);
  if (encoding === null) note("encoding_unknown", field.value.start);
  return encoding ?? "8bit";
}

/** RFC 2045 §5.2: what cannot be understood is text/plain. A bare `text` or `multipart` says enough. */
function typeNamed(value: string): { type: string; isReadable: boolean } {
  const found = /^([\w.+-]{1,100})\s{0,9}(?:\/\s{0,9}([^\s;,"()<>@:\\[\]?=]{1,200}))?/.exec(
    value.slice(0, 400).toLowerCase(),
  );
  if (found === null) return { type: "text/plain", isReadable: false };
  if (found[2] !== undefined) return { type: `${found[1]}/${found[2]}`, isReadable: true };
  if (found[1] === "multipart") return { type: "multipart/mixed", isReadable: false };
  return { type: "text/plain", isReadable: found[1] === "text" };
}

/** RFC 2183 §2.8: what is not known is an attachment. */
function dispositionNamed(value: string): MailPart["disposition"] {
  return /^\s*inline/i.test(value) ? "inline" : value.trim() === "" ? null : "attachment";
}
