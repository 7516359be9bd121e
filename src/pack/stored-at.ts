import { Failure } from "#core/index.ts";

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

/** Where bytes lie: pieces in order. Written as JSON, see docs/formats/pack.md. */
export type StoredPiece = FramePiece | NamedPiece;

/** The pieces as JSON text; {@link decodeStoredAt} is the inverse. */
export function encodeStoredAt(pieces: readonly StoredPiece[]): string {
  return JSON.stringify(
    pieces.map((piece) =>
      piece.kind === "frame"
        ? ["f", piece.offset, piece.frameBytes, piece.start, piece.bytes]
        : ["m", piece.name, piece.bytes],
    ),
  );
}

/** @throws `PACK-DAMAGED` when the text is not one that {@link encodeStoredAt} made */
export function decodeStoredAt(text: string): StoredPiece[] {
  try {
    return (JSON.parse(text) as unknown[][]).map((piece): StoredPiece => {
      const [kind, a, b, c, d] = piece;
      if (kind === "f")
        return { kind: "frame", offset: Number(a), frameBytes: Number(b), start: Number(c), bytes: Number(d) };
      if (kind === "m") return { kind: "named", name: String(a), bytes: Number(b) };
      throw new Error("unknown piece");
    });
  } catch (error) {
    throw new Failure("PACK-DAMAGED", "never", "a place in a pack cannot be read", { cause: error });
  }
}
