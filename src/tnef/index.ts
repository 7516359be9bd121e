/**
 * TNEF, which Outlook sends as winmail.dat: octets in, messages, people, text and files out.
 *
 * Pure: it never throws on mail, knows no storage and does no I/O.
 */
export { readTnef, type TnefMessage, type TnefReading } from "./read-tnef.ts";
