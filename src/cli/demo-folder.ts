import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, type Instant } from "#core/index.ts";
import { dataFolder, lockFolder } from "#server/index.ts";

/** Its presence says that the folder holds nothing but a demo's mail, and that the next demo may remove it. */
const markerName = "REMOVED-WHEN-THE-DEMO-ENDS";

/** A folder for the time of a demo. */
export interface DemoFolder {
  /** Removes the folder, unless it is kept. May be repeated. */
  remove(): void;
}

/**
 * Makes an empty folder for a demo. What a demo left there that could not clean up is removed; anything else is not.
 *
 * A folder that is to be kept carries no marker: from the beginning it is an archive that no demo touches.
 * @throws `DEMO-FOLDER` when the folder is not a demo's, `ARCHIVE-LOCKED` when a demo runs in it
 */
export function makeDemoFolder(path: string, isKept: boolean, now: Instant): DemoFolder {
  const marker = join(path, markerName);
  if (existsSync(marker)) {
    // The lock is taken and let go: whoever runs a demo there holds it.
    lockFolder(dataFolder(path), now).release();
    removeAll(path);
  } else if (existsSync(path)) {
    throw new Failure("DEMO-FOLDER", "never", `${path} exists and is not a demo's; name another with --data`, {
      effect: "nothing was done",
    });
  }
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (!isKept) writeFileSync(marker, "A demo runs here, or was cut short. Nothing in this folder is worth keeping.\n");
  return { remove: () => (isKept ? undefined : removeAll(path)) };
}

/** The marker goes last, so that a removal that is cut short can be finished by the next demo. */
function removeAll(path: string): void {
  if (!existsSync(path)) return;
  for (const name of readdirSync(path)) {
    if (name !== markerName) rmSync(join(path, name), { recursive: true, force: true });
  }
  rmSync(path, { recursive: true, force: true });
}
