import { posix } from "node:path";
import { placeOf, textOf, viewsOf } from "./sources.ts";

/** One import of a source, by whatever syntax. */
export interface Import {
  /** The file it stands in, relative to the project. */
  from: string;
  /** `file:line`. */
  place: string;
  /** What is named between the quotes. */
  specifier: string;
  /** `type` is gone at run time, `lazy` is loaded when it is reached, `value` with the file. */
  kind: "value" | "type" | "lazy";
  /** The file it means, relative to the project; null for packages and Node.js itself. */
  target: string | null;
}

const statement = /^(?:import|export)\b([^;"']*?)\bfrom\s*"([^"\n]+)"|^import\s*"([^"\n]+)"/gm;
const call = /(\btypeof\s+)?\bimport\(\s*"([^"\n]+)"\s*\)/g;

/** The imports of a source file, in order of the syntax. */
export function importsOf(file: string): Import[] {
  const text = textOf(file);
  const { uncommented } = viewsOf(text);
  const make = (at: number, specifier: string, kind: Import["kind"]): Import => ({
    from: file,
    place: placeOf(file, text, at),
    specifier,
    kind,
    target: targetOf(file, specifier),
  });
  return [
    ...[...uncommented.matchAll(statement)].map((found) =>
      make(found.index, found[2] ?? found[3]!, isTypeOnly(found[1] ?? "") ? "type" : "value"),
    ),
    ...[...uncommented.matchAll(call)].map((found) =>
      make(found.index, found[2]!, found[1] === undefined ? "lazy" : "type"),
    ),
  ];
}

/** `import type …`, or braces in which every name is marked `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [];
  const stated = names.map((name) => name.trim()).filter((name) => name !== "");
  return stated.length > 0 && stated.every((name) => name.startsWith("type "));
}

function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith("#")) return `src/${specifier.slice(1)}`;
  return specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : null;
}
