import type { Mailbox } from "#core/index.ts";
import { readAddresses } from "./addresses.ts";
import { fieldText, oneLine } from "./header-text.ts";
import { addressesMax, addressFieldBytesMax, headerFieldBytesMax } from "./limits.ts";
import type { MailReading } from "./reading.ts";
import { asBuffer } from "./transfer-encoding.ts";

/**
 * The mailboxes in the outermost header's fields of these names, in order, at most as many as are read of any header. Never
 * throws.
 *
 * @param names lower case
 */
export function mailboxesIn(bytes: Uint8Array, { fields }: MailReading, names: ReadonlySet<string>): Mailbox[] {
  const mailboxes: Mailbox[] = [];
  for (const field of fields) {
    const left = addressesMax - mailboxes.length;
    if (left <= 0) break;
    if (!names.has(field.name)) continue;
    const text = fieldText(asBuffer(bytes), field, addressFieldBytesMax, () => {});
    for (const mailbox of readAddresses(text, left).mailboxes) mailboxes.push(mailbox);
  }
  return mailboxes;
}

/**
 * The topmost field of this name on one line, cut after `bytesMax` bytes; null when there is none.
 *
 * @param name lower case
 */
export function topmostField(
  bytes: Uint8Array,
  { fields }: MailReading,
  name: string,
  bytesMax: number,
): string | null {
  const field = fields.find((one) => one.name === name);
  return field === undefined ? null : oneLine(fieldText(asBuffer(bytes), field, bytesMax, () => {}));
}

/**
 * The values of the outermost header's fields of this name, unfolded, each cut as header fields are; at most `max`. Never
 * throws.
 *
 * @param name lower case
 */
export function namedFields(bytes: Uint8Array, { fields }: MailReading, name: string, max: number): string[] {
  const found = fields.filter((field) => field.name === name).slice(0, max);
  return found.map((field) => oneLine(fieldText(asBuffer(bytes), field, headerFieldBytesMax, () => {})));
}
