import { KiB, MiB } from "#core/index.ts";

/** Deepest container opened, the message itself being 0: Postfix nests no deeper either (mime_nesting_limit). */
export const depthMax = 100;
/** Parts read of one message; no honest mail comes near, and each costs memory in every later stage. */
export const partsMax = 10_000;
/** Fields listed of one header; the rest is stepped over, so a header of colons cannot fill the memory. */
export const headerFieldsMax = 10_000;
/** Bytes decoded of one header field: 64 KiB is several times what mail systems let through. */
export const headerFieldBytesMax = 64 * KiB;
/** Bytes read of one address field: room for {@link addressesMax} addresses with names. */
export const addressFieldBytesMax = MiB;
/** Addresses read of all fields of one name; more than any list that is not expanded by the server. */
export const addressesMax = 10_000;
/** Ids read of one References field. */
export const referencesMax = 1_000;
/** Longest boundary honoured, in bytes: RFC 2046 §5.1.1 allows 70, readers in use take kilobytes. */
export const boundaryBytesMax = 4 * KiB;
/** Names listed of one part. */
export const filenamesMax = 32;
/** Longest display name in UTF-8 bytes: what common file systems store. */
export const filenameBytesMax = 255;
/** Characters of `text`: a long book; search and preview need no more of one message. */
export const textCharsMax = 4 * MiB;
/** Characters of `html` and of `plain`: what a browser shows without stalling. */
export const viewCharsMax = 2 * MiB;
/** Further readings of one message (ambiguous or encoded containers); each may cost as much as the first. */
export const readingsMax = 64;
/** Bytes that all further readings may cover, as a multiple of the message: keeps the whole linear. */
export const readingBytesFactorMax = 4;
/** Times one defect code is listed: the first places tell the story, a million of them would be the attack. */
export const defectRepeatsMax = 20;
