import { defectRepeatsMax } from "./limits.ts";

/** Every defect code a TNEF reading may list, with its meaning. Codes are stable. */
export const tnefDefectMeanings = {
  tnef_signature: "it does not begin as TNEF does; nothing of it is read",
  tnef_checksum: "an attribute's checksum is not that of its octets; it is read all the same",
  tnef_truncated: "it ends within an attribute; what was there of it is read",
  tnef_garbage: "octets that are no attribute follow; they are left unread",
  tnef_properties: "a list of properties breaks off or has a type that is not known; what stood before is read",
  tnef_rtf: "the compressed text is damaged or cut off; what could be unfolded is read",
  tnef_excess: "there is more than is read: too many attributes, properties, attachments, people or messages",
} as const;

/** One of the codes of {@link tnefDefectMeanings}. */
export type TnefDefect = keyof typeof tnefDefectMeanings;

/** A list of defects that stays short whatever the sender does. */
export function tnefDefects(): { defects: TnefDefect[]; note(code: TnefDefect): void } {
  const defects: TnefDefect[] = [];
  const counts = new Map<TnefDefect, number>();
  return {
    defects,
    note(code) {
      const count = counts.get(code) ?? 0;
      counts.set(code, count + 1);
      if (count < defectRepeatsMax) defects.push(code);
    },
  };
}
