/**
 * What a journal report is, one dialect a file, and what it says of the envelope.
 *
 * Pure; it knows nothing of storage, nor of which connector a message came through.
 */
export { isReportComeBack } from "./loop.ts";
export { unwrap } from "./unwrap.ts";
export type { Unwrapping } from "./unwrapping.ts";
