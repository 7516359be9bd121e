/** What a journal report is, one dialect a file, and what it says of the envelope. Pure; it knows nothing of storage. */
export type { Unwrapping } from "./unwrapping.ts";
