import { Failure } from "#core/index.ts";
import { type Base64Lines, isBase64Lines } from "./base64-lines.ts";

/** A stretch of the plain bytes of one frame. */
export interface FramePiece {
  kind: "frame";
  offset: number;
  frameBytes: number;
  start: number;
  bytes: number;
}

/** All bytes of another stored thing of the same tenant, by name. */
export interface NamedPiece {
  kind: "named";
  name: string;
  bytes: number;
}

/** Base64 text made from a part: the first `bytes` of it. */
export interface PartPiece {
  kind: "part";
  name: string;
  bytes: number;
  lines: Base64Lines;
}

/** Where bytes lie: pieces in order. Written as JSON, see docs/formats/pack.md. */
export type StoredPiece = FramePiece | NamedPiece | PartPiece;

/** The pieces as JSON text; {@link decodeStoredAt} is the inverse. */
export function encodeStoredAt(pieces: readonly StoredPiece[]): string {
  return JSON.stringify(pieces.map(fieldsOf));
}

function fieldsOf(piece: StoredPiece): (string | number)[] {
  switch (piece.kind) {
    case "frame":
      return ["f", piece.offset, piece.frameBytes, piece.start, piece.bytes];
    case "named":
      return ["m", piece.name, piece.bytes];
    case "part":
      return ["p", piece.name, piece.bytes, piece.lines.width, piece.lines.end];
  }
}

/** @throws `PACK-DAMAGED` when the text is not one that {@link encodeStoredAt} made */
export function decodeStoredAt(text: string): StoredPiece[] {
  try {
    return (JSON.parse(text) as unknown[][]).map((piece): StoredPiece => {
      const [kind, a, b, c, d] = piece;
      if (kind === "f")
        return { kind: "frame", offset: Number(a), frameBytes: Number(b), start: Number(c), bytes: Number(d) };
      if (kind === "m") return { kind: "named", name: String(a), bytes: Number(b) };
      if (kind === "p" && isBase64Lines({ width: c, end: d }))
        return { kind: "part", name: String(a), bytes: Number(b), lines: { width: c, end: d } as Base64Lines };
      throw new Error("unknown piece");
    });
  } catch (error) {
    throw new Failure("PACK-DAMAGED", "never", "a place in a pack cannot be read", { cause: error });
  }
}
