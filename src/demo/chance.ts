/** Choices that look random and are the same for the same seed. Good for made-up mail, never for secrets. */
export interface Chance {
  /** A whole number from 0 up to, not including, `count`. */
  below(count: number): number;
  /** True once in `count` times, on average. */
  oneIn(count: number): boolean;
  /** One of `list`, which is not empty. */
  pick<T>(list: readonly T[]): T;
  /** `count` different ones of `list`, or all when it has fewer, in an order of their own. */
  some<T>(list: readonly T[], count: number): T[];
  /** So many hexadecimal digits. */
  hex(digits: number): string;
}

/** Choices from a seed: a Weyl sequence of 32 bits whose values are mixed by multiplication and shifts. */
export function chanceFrom(seed: number): Chance {
  let step = seed >>> 0;
  const next = (): number => {
    step = (step + 0x9e3779b9) >>> 0;
    let mixed = step;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const below = (count: number) => Math.floor((next() / 0x1_0000_0000) * count);
  return {
    below,
    oneIn: (count) => below(count) === 0,
    pick: (list) => list[below(list.length)]!,
    some(list, count) {
      const left = [...list];
      return Array.from({ length: Math.min(count, list.length) }, () => left.splice(below(left.length), 1)[0]!);
    },
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(""),
  };
}
