/**
 * The archive's pack format: writing, reading, checking. See docs/formats/pack.md.
 *
 * It knows bytes, frames and names, not what mail, receipts or catalogues are.
 */
export { checkPack, isPackAsWritten, type PackDamage } from "./check.ts";
export {
  createFrameReader,
  listFrames,
  type OpenPack,
  type OpenPackKey,
  openPack,
  packBlobName,
  packOfBlob,
  readDirectory,
  readStored,
} from "./read.ts";
export { decodeStoredAt, encodeStoredAt, type StoredPiece } from "./stored-at.ts";
export { type PackObject, packBody, type WrittenPack } from "./write.ts";
