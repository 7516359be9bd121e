import type { BackupResult } from "#backup/index.ts";
import { identityOf, type Routes } from "../routing.ts";
import { streamed } from "../schemas/shared.ts";
import { BackupLine, NewBackup } from "../schemas/work.ts";
import { sendWork } from "../send-work.ts";
import { timeText } from "../times.ts";

function resultJson(result: BackupResult) {
  const { snapshotAt, lastRestoreTest } = result;
  return {
    ...result,
    snapshotAt: timeText(snapshotAt),
    lastRestoreTest:
      lastRestoreTest === null ? null : { ...lastRestoreTest, testedAt: timeText(lastRestoreTest.testedAt) },
  };
}

/** Backups of the whole installation, for whoever can open the server's own socket. */
export const backupRoutes: Routes = (api, { backups, audit, logger }, streams) => {
  api.post(
    "/backups",
    {
      config: { permission: "backups:write" },
      schema: {
        operationId: "backUp",
        summary: "Copy everything to a folder of the server's machine; only through the local socket",
        tags: ["archive"],
        body: NewBackup,
        response: streamed("application/x-ndjson", "JSON lines: progress, then one result or one problem", BackupLine),
      },
    },
    (request, reply) => {
      const { directory, check = false } = request.body;
      return sendWork({ request, reply, logger, streams }, async (report) => {
        await audit.note(identityOf(request), "backup.make", [], directory);
        return resultJson(await backups.backup({ directory, isChecking: check }, report));
      });
    },
  );
};
