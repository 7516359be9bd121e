import type { FastifyReply } from "fastify";
import type { OriginalFile } from "#archive/index.ts";
import { exactBody } from "./exact-body.ts";
import { streamed } from "./schemas/shared.ts";

const binary = { type: "string", format: "binary" };

/** The answer of routes that give a message as it is. */
export const exactBytes = streamed(
  "message/rfc822",
  "The exact bytes, with Content-Length and Repr-Digest (RFC 9530)",
  binary,
);

/** The answer of routes that give a file out of a message. */
export const fileBytes = streamed(
  "application/octet-stream",
  "The content, as a file to keep, with Content-Length and Repr-Digest (RFC 9530)",
  binary,
);

/** Sends bytes with their length and digest, as a file to keep: a browser must not render mail by itself. */
export function sendExact(
  reply: FastifyReply,
  name: string,
  facts: { bytes: number; sha256: string },
  file: OriginalFile,
): FastifyReply {
  return headers(reply, facts)
    .type(file.mediaType)
    .header("content-disposition", `attachment; filename="${name}${file.extension}"`)
    .send(exactBody(file.bytes, facts.bytes));
}

/** Bytes that are mail, whatever they begin with. */
export function mailFile(bytes: AsyncIterable<Uint8Array>): OriginalFile {
  return { extension: ".eml", mediaType: "message/rfc822", bytes };
}

/**
 * Sends a file out of a message. Whatever type the sender gave it, it is bytes to keep: under our own address a page or
 * picture with a script in it could do what its reader may do.
 */
export function sendFile(
  reply: FastifyReply,
  { bytes, sha256, filename }: { bytes: Uint8Array; sha256: string; filename: string | null },
): FastifyReply {
  return headers(reply, { bytes: bytes.length, sha256 })
    .type("application/octet-stream")
    .header("content-disposition", disposition(filename))
    .header("content-security-policy", "sandbox; default-src 'none'")
    .header("x-download-options", "noopen")
    .header("cache-control", "private, no-store")
    .send(exactBody(inOnePiece(bytes), bytes.length));
}

/** Bytes at hand, as a stream. */
export async function* inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function headers(reply: FastifyReply, { bytes, sha256 }: { bytes: number; sha256: string }): FastifyReply {
  const digest = Buffer.from(sha256, "hex").toString("base64");
  return reply.header("content-length", bytes).header("repr-digest", `sha-256=:${digest}:`);
}

/** Longest name that is handed on, in characters; file systems take 255 octets. */
const nameMax = 80;

/** The name in ASCII for old readers, and in full as RFC 8187 writes it. @see RFC 6266 §4.3 */
function disposition(filename: string | null): string {
  const safe = (filename ?? "").replace(/[\p{Cc}\p{Cf}\p{Cs}\\/:*?"<>|]/gu, "_").replace(/^[. ]+|[. ]+$/g, "");
  const [...characters] = safe === "" ? "attachment.bin" : safe;
  const name = characters.length <= nameMax ? characters.join("") : shortened(characters);
  const plain = name.replace(/[^ -~]|%/g, "_");
  const full = encodeURIComponent(name).replace(
    /['()*!]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${full}`;
}

/** The beginning and the end, where what kind of file it is stands. */
function shortened(characters: readonly string[]): string {
  return `${characters.slice(0, nameMax - 20).join("")}~${characters.slice(-19).join("")}`;
}
