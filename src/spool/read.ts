import { Failure } from "#core/index.ts";
import type { Bytes, ReadAt } from "#disk/index.ts";
import { decodeEnd } from "./end-record.ts";
import { decodeHead, openRecord, recordRange } from "./record.ts";
import { segmentPath } from "./segment-log.ts";
import type { SpooledItem } from "./spool.ts";

/** Gives the spool key of the run that used this salt. */
export type KeyOfSalt = (salt: Uint8Array) => Promise<Uint8Array>;

function damaged(item: SpooledItem, why: string): Failure {
  return new Failure("SPOOL-DAMAGED", "never", `spooled item ${item.id}: ${why}`, {
    effect: "the item is kept on the spool and reported; other items go on",
  });
}

/**
 * Streams a spooled item's bytes, each record authenticated. Needs no open spool, so a worker can read by itself.
 *
 * @throws `SPOOL-DAMAGED` when a record does not open
 */
export async function* readSpooled(readAt: ReadAt, directory: string, keyOfSalt: KeyOfSalt, item: SpooledItem): Bytes {
  for (const piece of item.pieces) {
    const path = segmentPath(directory, piece.segment);
    const record = await readAt(path, recordRange(piece.offset, piece.bytes));
    const head = decodeHead(record);
    const isOurs = head !== undefined && Buffer.from(head.item).toString("hex") === item.id;
    if (!isOurs || head.payloadBytes !== piece.bytes)
      throw damaged(item, `another record stands at ${path}:${piece.offset}`);
    const payload = openRecord(await keyOfSalt(head.salt), head, piece.offset, record);
    if (payload === undefined) throw damaged(item, `the record at ${path}:${piece.offset} does not open`);
    const bytes = head.kind === "end" ? decodeEnd(payload)?.last : payload;
    if (bytes === undefined) throw damaged(item, `the end record at ${path}:${piece.offset} is not understood`);
    if (bytes.length > 0) yield bytes;
  }
}
