import type { Bytes } from "#disk/index.ts";
import { outlookForm } from "#outlook/index.ts";

/** A message as a file to keep. */
export interface OriginalFile {
  /** Ending of a file name for it, with its dot. */
  extension: string;
  mediaType: string;
  /** The octets, once. */
  bytes: Bytes;
}

const files = {
  mail: { extension: ".eml", mediaType: "message/rfc822" },
  msg: { extension: ".msg", mediaType: "application/vnd.ms-outlook" },
  "pst-item": { extension: ".pstitem", mediaType: "application/octet-stream" },
} as const;

/** Every ending that {@link originalFile} gives. */
export const originalExtensions: readonly string[] = Object.values(files).map(({ extension }) => extension);

/** What kind of file the octets of a message make, told by how they begin. Throws what `bytes` throw. */
export async function originalFile(bytes: Bytes): Promise<OriginalFile> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  const form = first.done ? null : outlookForm(first.value);
  return { ...files[form ?? "mail"], bytes: continued(first, pieces) };
}

async function* continued(first: IteratorResult<Uint8Array>, pieces: AsyncIterator<Uint8Array>): Bytes {
  try {
    for (let next = first; !next.done; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}
