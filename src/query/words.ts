import { addressToken, domainToken } from "./address.ts";
import { analyse } from "./analyse.ts";
import type { QueryField } from "./query.ts";
import { type Reading, type Refusal, refuse, term } from "./reading.ts";
import type { Value } from "./value.ts";
import { shown } from "./value.ts";

/** Shortest word that a `*` may follow: shorter ones match half the archive. */
const prefixLengthMin = 2;

/** Words or a phrase in a field of running text. */
export function readText(field: QueryField, value: Value): Reading | Refusal {
  const isPrefix = value.isPrefix || (!value.isQuoted && value.text.endsWith("*"));
  const stem = isPrefix && !value.isPrefix ? value.text.slice(0, -1) : value.text;
  if (!value.isQuoted && stem.includes("*")) {
    return refuse(
      "bad_value",
      value.column,
      "a * is possible at the end of a word only",
      `${shown(value, stem.replaceAll("*", ""))}*`,
    );
  }
  const words = analyse(stem);
  const last = words.at(-1);
  if (last === undefined) return refuse("bad_value", value.column, `"${value.text}" holds neither letter nor digit`);
  if (isPrefix && last.length < prefixLengthMin) {
    return refuse("bad_value", value.column, `a * needs ${prefixLengthMin} letters before it`, shown(value, stem));
  }
  return term({ kind: "text", field, words, prefix: isPrefix }, shown(value));
}

/**
 * A name, or an address whole (`ann@example.com`), by its domain (`@example.com`, `*@example.com`), by that and all below
 * (`@*.example.com`), by its local part (`ann@`), or by its beginning (`ann@ex*`).
 */
export function readAddress(field: QueryField, value: Value): Reading | Refusal {
  const written = addressIn(value);
  if (written === null) return readText(field, value);
  if (/^\*?@\*\./.test(written)) return domainTerm(field, value, written.slice(written.indexOf("@") + 1));
  const withoutStar = written.replace(/^\*(?=@)/, "");
  const isPrefix = withoutStar.endsWith("*") || withoutStar.endsWith("@");
  const address = withoutStar.replace(/\*$/, "");
  if (address.includes("*")) {
    return refuse("bad_value", value.column, "a * is possible before the @ and at the end of an address only");
  }
  return term({ kind: "text", field, words: [addressToken(address)], prefix: isPrefix }, shown(value));
}

/** Words anywhere, or an address anywhere. */
export function readAnywhere(value: Value): Reading | Refusal {
  return readAddress("any", value);
}

/** A domain, or with `*.` in front it and all below it. */
export function readDomain(value: Value): Reading | Refusal {
  return domainTerm("domain", value, value.text.replace(/^@/, ""));
}

/** Words of a file name, or with `*.pdf` its extension. */
export function readFilename(value: Value): Reading | Refusal {
  const extension = /^\*(\.[\p{L}\p{N}]+)$/u.exec(value.text)?.[1];
  if (value.isQuoted || extension === undefined) return readText("filename", value);
  return term(
    { kind: "text", field: "filename", words: ["." + analyse(extension).join("")], prefix: false },
    shown(value),
  );
}

function domainTerm(field: QueryField, value: Value, written: string): Reading | Refusal {
  const isBelow = written.startsWith("*.");
  const domain = isBelow ? written.slice(2) : written;
  if (analyse(domain).length === 0 || /[*@\s]/.test(domain)) {
    const message = `"${value.text}" is no domain; write example.com or *.example.com`;
    return refuse("bad_value", value.column, message);
  }
  return term({ kind: "text", field, words: [domainToken(domain, isBelow)], prefix: false }, shown(value));
}

/** The address a value consists of or holds in angle brackets; null when it is words. */
function addressIn({ text, isQuoted }: Value): string | null {
  const bracketed = /<([^<>\s]*@[^<>\s]*)>$/.exec(text)?.[1];
  if (bracketed !== undefined) return bracketed;
  const whole = isQuoted ? text.trim() : text.replace(/[.,;:!?]+$/, "");
  return /^[^\s@]*@[^\s@]*$/.test(whole) && analyse(whole).length > 0 ? whole : null;
}
