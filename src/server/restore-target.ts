import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "#core/index.ts";

/** Where a restore works: in `unfinished`, which gets the name `data` at the end, or goes. */
export interface Target {
  /** The data folder to be; null when there is to be none. */
  data: string | null;
  unfinished: string;
  /** Gives the folder its name, durably. */
  install(): void;
  /** Removes what is unfinished. May be repeated; does nothing once installed. */
  clear(): void;
}

/** Marks a folder as a restore's own, so that one that was cut short may be removed by the next. */
const markName = ".muniment-restore";

function refused(why: string): Failure {
  return new Failure("RESTORE-TARGET", "never", why, { effect: "nothing was written" });
}

function sync(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Throws unless `data` is free or an empty folder that can be replaced. */
function checkIsFree(data: string): void {
  if (!existsSync(data)) return;
  if (!statSync(data).isDirectory()) throw refused(`${data} is a file; name a folder that is new or empty`);
  const [first] = readdirSync(data);
  if (first !== undefined) throw refused(`${data} is not empty: it holds ${first}; name a folder that is new or empty`);
  if (statSync(data).dev !== statSync(dirname(data)).dev)
    throw refused(`${data} is a volume of its own, which cannot be replaced in one step; name a new folder in it`);
}

/**
 * Makes the folder to work in: `DATA.unfinished`, or `BACKUP.restore-test` when nothing is to be installed. One that was left
 * by a restore that was cut short is removed first.
 *
 * @throws `RESTORE-TARGET` when the target is not empty, or a folder of that name is not a restore's
 */
export function makeTarget(backup: string, data: string | null): Target {
  if (data !== null) checkIsFree(data);
  const unfinished = data === null ? join(dirname(backup), `${basename(backup)}.restore-test`) : `${data}.unfinished`;
  const mark = join(unfinished, markName);
  if (existsSync(unfinished)) {
    if (!existsSync(mark)) throw refused(`${unfinished} is in the way and was not left by a restore; move it away`);
    rmSync(unfinished, { recursive: true });
  }
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(mark, "");
  let isInstalled = false;
  return {
    data,
    unfinished,
    install: () => {
      if (data === null) return;
      unlinkSync(mark);
      sync(unfinished);
      renameSync(unfinished, data);
      isInstalled = true;
      sync(dirname(data));
    },
    clear: () => {
      if (!isInstalled) rmSync(unfinished, { recursive: true, force: true });
    },
  };
}
