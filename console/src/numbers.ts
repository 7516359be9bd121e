import { text } from "./text/index.ts";

const counts = new Intl.NumberFormat(text.locale);
const sizes = new Intl.NumberFormat(text.locale, { maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat(text.locale, { style: "percent", maximumFractionDigits: 1 });

/** A whole number with its thousands apart. */
export function countText(count: number): string {
  return counts.format(count);
}

/** `part` of `whole` as a percentage; of nothing, a dash. A little is never shown as none, nor almost all as all. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return "–";
  const share = part / whole;
  if (share > 0 && share < 0.001) return `<${shares.format(0.001)}`;
  if (share < 1 && share > 0.999) return `>${shares.format(0.999)}`;
  return shares.format(share);
}

/** A size in decimal units, as mail programs show it: `812 B`, `24.1 kB`, `25 MB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${sizes.format(size)} ${units[unit]}`;
}
