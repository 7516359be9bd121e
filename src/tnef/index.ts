/**
 * TNEF, which Outlook sends as winmail.dat: octets in, messages, people, text and files out.
 *
 * Pure: it never throws on mail, knows no storage and does no I/O.
 */
export type { Draft, TnefMessage } from "./item.ts";
export { type Property, textOf, types } from "./properties.ts";
export { readDraftItem, readTnef, type TnefReading } from "./read-tnef.ts";
