import type { Sha256 } from "#core/index.ts";
import type { Arrival } from "./spool.ts";

/** What an end record says of its item. */
export interface EndFacts {
  bytes: number;
  sha256: Sha256;
  arrival: Arrival;
}

/** An end record's payload before the item's last stretch: length and JSON. */
export function encodeEnd(facts: EndFacts): Buffer {
  const json = Buffer.from(JSON.stringify({ v: 1, ...facts }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

/** Splits an end record's payload; undefined when it is of a form this code does not know. */
export function decodeEnd(payload: Buffer): { facts: EndFacts; last: Buffer } | undefined {
  if (payload.length < 4) return undefined;
  const length = payload.readUInt32BE();
  if (4 + length > payload.length) return undefined;
  try {
    const { v, ...facts } = JSON.parse(payload.subarray(4, 4 + length).toString("utf8")) as EndFacts & { v: number };
    if (v !== 1) return undefined;
    return { facts, last: payload.subarray(4 + length) };
  } catch {
    return undefined;
  }
}
