import { sourceKeyOf } from "./source-key.ts";

/** A place in a file on disk, as deep inside containers as it goes. */
export interface Place {
  /** Real path of the file. */
  path: Buffer;
  /** What is reported on as one source. */
  source: string;
  /** Key of the file where it is not that of its path. */
  fileKey?: string;
  /** The members that lead to it, outermost first; none for the file itself. */
  steps: readonly Step[];
}

interface Step {
  /** As the container has it: it is a name and nothing else, and is never used as a path to write to. */
  name: string;
  /** Its place among the container's members, from 0. */
  ordinal: number;
}

/** A member of the container at `place`. */
export function inside(place: Place, name: string, ordinal: number): Place {
  return { ...place, steps: [...place.steps, { name, ordinal }] };
}

/** The place in words. */
export function labelOf({ path, steps }: Place): string {
  return [String(path), ...steps.map(({ name, ordinal }) => (name === "" ? `message ${ordinal + 1}` : name))].join(
    ": ",
  );
}

/** The key of the place; of a file, and of a member of it, as it has always been. */
export function keyOf({ path, steps, fileKey }: Place): string {
  const last = steps.at(-1);
  if (last === undefined) return fileKey ?? sourceKeyOf(path, "", 0);
  const above = steps.slice(0, -1).map(({ name, ordinal }) => `${name}\0${ordinal}\0`);
  return sourceKeyOf(path, above.join("") + last.name, last.ordinal);
}

/**
 * The folder of the mail at the place: an mbox is one itself, other members lie where their container says, and files where
 * they lie on disk. Null for a member at the top of its container.
 */
export function folderOf({ path, steps }: Place): string | null {
  const last = steps.at(-1);
  if (last === undefined) return parentOf(String(path));
  if (last.name !== "") return parentOf(last.name.replaceAll("\\", "/"));
  return steps.findLast(({ name }) => name !== "")?.name ?? String(path);
}

function parentOf(name: string): string | null {
  const end = name.lastIndexOf("/");
  return end <= 0 ? null : name.slice(0, end);
}

/** Own name of the innermost member, without the folders before it. */
export function nameOf({ path, steps }: Place): string {
  const name = steps.at(-1)?.name ?? String(path);
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}
