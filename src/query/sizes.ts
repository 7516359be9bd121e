import { KiB, MiB } from "#core/index.ts";
import { type Reading, type Refusal, refuse, term } from "./reading.ts";
import type { Value } from "./value.ts";

/** `size:>10mb`, `>=`, `<`, `<=`, `size:1mb..5mb` with both ends, open on either side, or an exact size. */
export function readSize(value: Value): Reading | Refusal {
  const range = /^(.*?)\.\.(.*)$/.exec(value.text);
  if (range !== null && range[1] + range[2]! !== "") {
    const min = range[1] === "" ? null : bytesOf(range[1]!);
    const max = range[2] === "" ? null : bytesOf(range[2]!);
    if (Number.isNaN(min ?? 0) || Number.isNaN(max ?? 0)) return noSize(value);
    if (min !== null && max !== null && min > max) {
      return refuse("bad_value", value.column, "the smaller size comes first", `size:${range[2]}..${range[1]}`);
    }
    return sizeTerm(min, max);
  }
  const [, comparison, written] = /^([<>]=?|=)?(.*)$/s.exec(value.text)!;
  return compared(comparison ?? "=", written!, value);
}

/** `larger:10mb`: more than that. */
export function readLarger(value: Value): Reading | Refusal {
  return compared(">", value.text, value);
}

/** `smaller:10mb`: less than that. */
export function readSmaller(value: Value): Reading | Refusal {
  return compared("<", value.text, value);
}

const unitBytes: Readonly<Record<string, number>> = { "": 1, b: 1, k: KiB, m: MiB, g: 1024 * MiB };

function compared(comparison: string, written: string, value: Value): Reading | Refusal {
  const bytes = bytesOf(written);
  if (Number.isNaN(bytes)) return noSize(value);
  if (comparison === ">") return sizeTerm(bytes + 1, null);
  if (comparison === ">=") return sizeTerm(bytes, null);
  if (comparison === "<") return sizeTerm(null, bytes - 1);
  if (comparison === "<=") return sizeTerm(null, bytes);
  return sizeTerm(bytes, bytes);
}

/** Whole bytes, fractions rounded up; NaN when `written` is no size. Units are powers of 1024. */
function bytesOf(written: string): number {
  const shape = /^(\d{1,9}(?:\.\d{1,3})?)\s*([kmg]?)(?:i?b)?$/i.exec(written.trim());
  return shape === null ? Number.NaN : Math.ceil(Number(shape[1]) * unitBytes[shape[2]!.toLowerCase()]!);
}

function noSize(value: Value): Refusal {
  return refuse("bad_value", value.column, `"${value.text}" is no size; write 500kb, 10mb or 1gb`);
}

function sizeTerm(min: number | null, max: number | null): Reading {
  const number = (bytes: number) => `${bytes.toLocaleString("en-US")} bytes`;
  const echo =
    min === max
      ? `size exactly ${number(min!)}`
      : [min === null ? "" : `at least ${number(min)}`, max === null ? "" : `at most ${number(max)}`]
          .filter((part) => part !== "")
          .join(" and ");
  return term({ kind: "size", min, max }, min === max ? echo : `size ${echo}`);
}
