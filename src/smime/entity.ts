/** Octets that are looked at: a header's first lines, or enough text to know it for text. */
export const lookedAtBytesMax = 4096;
/** Fewer octets than this can be text by chance when a wrong key was used. */
const textBytesMin = 24;

/**
 * Whether `bytes` can be what someone encrypted: a MIME entity, or text without a header.
 *
 * This is what tells the right key from a wrong one, since neither RSA v1.5 nor CBC does: of random bytes less than one in
 * ten million passes, and padding lets only one in 256 come that far.
 */
export function looksLikeEntity(bytes: Buffer): boolean {
  const head = bytes.subarray(0, lookedAtBytesMax);
  return beginsWithField(head) || isText(head);
}

/** A field name of at least two characters, a colon, and a line without control characters. */
function beginsWithField(head: Buffer): boolean {
  const lineEnd = head.indexOf(0x0a);
  if (lineEnd < 0) return false;
  const line = head.subarray(0, lineEnd).toString("latin1").replace(/\r$/, "");
  return /^[!-9;-~]{2,}[ \t]*:[^\u0000-\u0008\u000a-\u001f\u007f]*$/.test(line);
}

function isText(head: Buffer): boolean {
  if (head.length < textBytesMin) return false;
  for (const octet of head) {
    if (octet === 0x7f || (octet < 0x20 && octet !== 0x09 && octet !== 0x0a && octet !== 0x0d)) return false;
  }
  const text = head.toString("utf8");
  const broken = text.indexOf("\ufffd");
  // The cut may fall into a character.
  return broken < 0 || (head.length === lookedAtBytesMax && broken >= text.length - 3);
}
