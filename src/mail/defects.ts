import { defectRepeatsMax } from "./limits.ts";
import type { Defect } from "./reading.ts";

/** Every defect code a reading may list, with its meaning. Codes are stable: they are stored and searched. */
export const defectMeanings = {
  address_malformed: "an address list breaks the grammar; what could be told apart is listed",
  addresses_excess: "more addresses than are read; the rest of the field is left unread",
  ambiguous: "readers may understand this in two ways; the text of both readings is searchable",
  base64_junk: "characters outside the alphabet, or data after padding, stand inside base64; they were skipped",
  blank_before_header: "empty lines or blanks stand before the header",
  boundary_absent: "the boundary of a multipart never occurs; its body is read as text",
  boundary_long: "the boundary of a multipart is longer than is honoured",
  boundary_missing: "a multipart names no boundary; its first line beginning with two hyphens is taken for one",
  boundary_reused: "a multipart uses the boundary of a multipart around it",
  boundary_unclosed: "a multipart ends without its closing boundary",
  byte_order_mark: "a byte order mark stands before the header",
  charset_mismatch: "the bytes do not fit the character set that the part names",
  charset_unknown: "the part names a character set that is not known; it was guessed",
  content_type_malformed: "the Content-Type field cannot be read; the part is taken for text/plain",
  date_unreadable: "the Date field cannot be read",
  depth_exceeded: "containers are nested deeper than is read; the inner ones are left unread",
  encoding_ignored: "a container claims a transfer encoding that its bytes do not have",
  encoding_unknown: "the part names a transfer encoding that is not known; its bytes are taken as they are",
  field_duplicate: "a field that may stand once stands more than once",
  filename_conflict: "a part gives itself names with different extensions",
  filename_unsafe: "a name had separators, control or direction characters, or was too long to display",
  folded_blank_line: "a header line is folded onto nothing but white space",
  header_field_long: "a header field is longer than is decoded; the rest of it is left unread",
  header_fields_excess: "a header has more fields than are listed",
  header_line_stray: "a header line has no field name; it is read as part of the field before it",
  header_not_utf8:
    "raw bytes in a header field are not UTF-8; they are read in a charset that the message names, else as windows-1252",
  header_unended: "no empty line ends the header; the body begins where the lines cease to be fields",
  line_ends_mixed: "lines of one header end in different ways",
  mbox_from_line: "an mbox separator line stands before the header",
  message_encoded: "a message inside is transfer-encoded, which RFC 2046 §5.2.1 forbids; its text is read",
  nul_in_header: "a NUL byte stands in the header",
  parameter_duplicate: "a parameter is given more than once",
  part_after_close: "a part stands after the closing boundary",
  parts_exceeded: "the message has more parts than are read; the rest is left unread",
  quoted_printable_malformed: "an equals sign in quoted-printable is not followed by two hexadecimal digits",
  readings_excess: "more further readings would be needed than are made",
  space_before_colon: "white space stands between a field name and its colon",
  text_truncated: "there is more text than is kept for search or view",
  uuencode_malformed: "a uuencoded body has no begin line, a broken line, or no end",
} as const;

/** One of the codes of {@link defectMeanings}. */
export type DefectCode = keyof typeof defectMeanings;

/** Notes a defect at a byte offset of the message. */
export type NoteDefect = (code: DefectCode, at: number) => void;

/** A list of defects that stays short whatever the sender does: each code is listed at most `defectRepeatsMax` times. */
export function defectList(): { defects: Defect[]; note: NoteDefect } {
  const defects: Defect[] = [];
  const countByCode = new Map<DefectCode, number>();
  const note: NoteDefect = (code, at) => {
    const count = countByCode.get(code) ?? 0;
    if (count >= defectRepeatsMax) return;
    countByCode.set(code, count + 1);
    defects.push({ code, at });
  };
  return { defects, note };
}
