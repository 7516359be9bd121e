import { text } from "../../text/index.ts";

/** One fact of a note, as it is shown. */
export interface NoteLine {
  name: string;
  value: string;
}

/**
 * What a note in JSON says, a line for each fact: a setting that was changed as `before → after`, or as what it is now where
 * there was nothing before. Null for a note that is plain text.
 */
export function noteLines(note: string): NoteLine[] | null {
  const facts = factsOf(note);
  if (facts === null) return null;
  const { before, after, secret, ...rest } = facts;
  const lines = Object.entries(rest).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value: shown(value) }],
  );
  lines.push(...changeLines(before, after));
  if (secret !== undefined) lines.push({ name: "secret", value: text.audit.secretChanged });
  return lines;
}

function changeLines(before: unknown, after: unknown): NoteLine[] {
  if (after === undefined) return [];
  if (!isFacts(after)) {
    const { before: was, after: is } = text.audit;
    return [
      { name: was, value: shown(before) },
      { name: is, value: shown(after) },
    ];
  }
  const now = leavesOf(after);
  // Of what was added, only what it says something of.
  if (!isFacts(before))
    return [...now].flatMap(([name, value]) => (isNothing(value) ? [] : [{ name, value: shown(value) }]));
  const old = leavesOf(before);
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((name) => {
    const [was, is] = [shown(old.get(name)), shown(now.get(name))];
    return was === is ? [] : [{ name, value: `${was} → ${is}` }];
  });
}

/** Every setting by its name, those within others as `smtp.permitted`. */
function leavesOf(facts: Record<string, unknown>, prefix = ""): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  for (const [name, value] of Object.entries(facts)) {
    if (isFacts(value)) for (const leaf of leavesOf(value, `${prefix}${name}.`)) leaves.set(...leaf);
    else leaves.set(prefix + name, value);
  }
  return leaves;
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}

function factsOf(note: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(note);
    return isFacts(value) ? value : null;
  } catch {
    return null;
  }
}

function isFacts(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return text.common.none;
  if (typeof value === "boolean") return value ? text.common.yes : text.common.no;
  if (Array.isArray(value)) return value.length === 0 ? text.common.none : value.map(shown).join(", ");
  return isFacts(value) ? JSON.stringify(value) : String(value);
}
