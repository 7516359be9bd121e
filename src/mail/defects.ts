import type { DefectCode } from "#core/index.ts";
import { defectRepeatsMax } from "./limits.ts";
import type { Defect } from "./reading.ts";

/** Notes a defect at a byte offset of the message. */
export type NoteDefect = (code: DefectCode, at: number) => void;

/** A list of defects that stays short whatever the sender does: each code is listed at most `defectRepeatsMax` times. */
export function defectList(): { defects: Defect[]; note: NoteDefect } {
  const defects: Defect[] = [];
  const countByCode = new Map<DefectCode, number>();
  const note: NoteDefect = (code, at) => {
    const count = countByCode.get(code) ?? 0;
    if (count >= defectRepeatsMax) return;
    countByCode.set(code, count + 1);
    defects.push({ code, at });
  };
  return { defects, note };
}
