/**
 * The archive's pack format: writing, reading, checking. See docs/formats/pack.md.
 *
 * It knows bytes, frames and names, not what mail, receipts or catalogues are.
 */
export { checkPack, isPackAsWritten, type PackDamage } from "./check.ts";
export { copiedBody, type MovedTo } from "./copy.ts";
export { type FoundBase64, findBase64 } from "./find-base64.ts";
export type { PackIdentity } from "./layout.ts";
export {
  createFrameReader,
  type Elsewhere,
  listFrames,
  nothingElsewhere,
  type OpenPack,
  type OpenPackKey,
  openPack,
  packBlobName,
  packOfBlob,
  readDirectory,
  readStored,
} from "./read.ts";
export { decodeStoredAt, encodeStoredAt, type PartPiece, type StoredPiece } from "./stored-at.ts";
export { type PackObject, type PackPart, packBody, type WrittenPack } from "./write.ts";
