import type { Disk } from "#disk/index.ts";
import { createRealDisk } from "../../src/disk/real.ts";
import type { SimFiles } from "./sim-files.ts";

/** The real disk's own code over files that can lose power. Names of unfinished files are counted, so that runs are alike. */
export function createSimDisk(files: SimFiles): Disk {
  let made = 0;
  return createRealDisk(files, () => {
    made += 1;
    return String(made).padStart(6, "0");
  });
}
