import { MiB } from "#core/index.ts";

/** A message of this length takes as much memory as half the rest of the server, which is then worth a pause of 50 to 200 ms. */
const bytesMin = 64 * MiB;

/** Whether room should be made before a message of `bytes` octets. */
export const needsRoom = (bytes: number): boolean => bytes >= bytesMin;

/** What has a heap beside this thread's, and can collect it. */
export interface RoomMaker {
  /** Has {@link makeRoom} called where the heap is; returns at once, and what is at work there goes on. May be repeated. */
  makeRoom(bytes: number): void;
}

/**
 * Collects what this thread has left lying about, before a message of `bytes` octets is read into memory whole. May be repeated.
 * The last resort, since V8 keeps the pages that another collection frees for itself, for seconds or for good.
 *
 * Without `--expose-gc`, which `bin/muniment` sets, nothing is done, and nothing but memory is lost by it.
 */
export function makeRoom(bytes: number): void {
  if (needsRoom(bytes)) collect();
}

/** From this length on what a message was read into is worth a collection of its own; smaller ones are collected with the rest. */
const returnedBytesMin = 16 * MiB;

/**
 * Collects what a message of `bytes` octets was read into, when nothing refers to it any more: until the next collection it
 * would lie about, beside the next large message or whatever waited for this one. Otherwise as {@link makeRoom}.
 */
export function giveRoomBack(bytes: number): void {
  if (bytes >= returnedBytesMin) collect();
}

function collect(): void {
  void globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
