import { createHash } from "node:crypto";

/**
 * The key of one place that a message can be read from: 64 hexadecimal digits.
 *
 * @param path real path of the file, or of the Maildir
 * @param member the member's name inside a container, empty where it has none
 * @param ordinal its place among the container's members, from 0
 */
export function sourceKeyOf(path: Uint8Array, member: string | Uint8Array, ordinal: number): string {
  return createHash("sha256")
    .update("muniment-import-1\0")
    .update(path)
    .update("\0")
    .update(member)
    .update("\0" + ordinal)
    .digest("hex");
}
