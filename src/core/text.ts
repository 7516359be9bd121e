/**
 * Folds case, accents and width so that texts which people take for the same compare equal.
 *
 * NFKD with combining marks removed, then lower case; the final sigma becomes the ordinary one. Used alike for what is
 * indexed and what is asked for; never for what is stored.
 */
export function fold(text: string): string {
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/ς/g, "σ")
    .normalize("NFC");
}

/** An address as it is compared and indexed: trimmed, without angle brackets or an `SMTP:` prefix, folded. */
export function foldAddress(address: string): string {
  return fold(
    address
      .trim()
      .replace(/^<(.*)>$/s, "$1")
      .replace(/^smtp:/i, "")
      .trim(),
  );
}
