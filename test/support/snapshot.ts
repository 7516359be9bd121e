import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./bytes.ts";

/** Every file below a folder, without those below `run/`, where processes leave their locks; names in order. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.startsWith("run") && statSync(join(folder, name)).isFile())
    .sort();
}

/** Each file's digest, mode and time of change: equal snapshots mean that nothing was written in between. */
export function snapshot(folder: string): string[] {
  return filesBelow(folder).map((name) => {
    const { mode, mtimeMs } = statSync(join(folder, name));
    return `${name} ${sha256(readFileSync(join(folder, name)))} ${mode.toString(8)} ${mtimeMs}`;
  });
}
