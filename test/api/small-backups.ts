import type { Backups } from "#backup/index.ts";
import { type Clock, Failure } from "#core/index.ts";

/** Backups of nothing: they note what was asked, and refuse every folder named `foreign`. */
export interface SmallBackups extends Backups {
  readonly asked: Parameters<Backups["backup"]>[0][];
}

export function createSmallBackups(clock: Clock): SmallBackups {
  const asked: SmallBackups["asked"] = [];
  return {
    asked,
    async backup(request, report) {
      if (request.directory.endsWith("foreign"))
        throw new Failure("BACKUP-PLACE", "never", `${request.directory} is no backup and not empty`);
      asked.push(request);
      report({ done: 1, total: 1, unit: "bytes" });
      return {
        ...{ directory: request.directory, id: "bak_1", snapshotAt: clock.now(), isKeyProtected: false },
        ...{ tenants: [], packs: { count: 0, bytes: 0, copied: 0, copiedBytes: 0 }, notIncluded: 0, left: [] },
        lastRestoreTest: { testedAt: clock.now(), backup: "bak_0" },
      };
    },
  };
}
