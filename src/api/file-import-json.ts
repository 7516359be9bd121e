import type { TenantId } from "#core/index.ts";
import type { FileImport, FileImportReport, FileImports } from "#import/index.ts";
import type { FileImportList, FileImportReportView, FileImportView } from "./schemas/file-imports.ts";
import { timeText } from "./times.ts";

/** An import as the API tells it. */
export function fileImportJson({ beganAt, endedAt, problem, ...rest }: FileImport): FileImportView {
  return {
    ...rest,
    beganAt: timeText(beganAt),
    endedAt: endedAt === null ? null : timeText(endedAt),
    problem: problem && { code: problem.code, detail: problem.publicText, effect: problem.effect },
  };
}

/** A tenant's imports, and the folders that there may be more from. */
export function fileImportListJson(fileImports: FileImports, tenant: TenantId): FileImportList {
  return { folders: [...fileImports.folders], data: fileImports.list(tenant).map(fileImportJson) };
}

/** An import with its sources. */
export function fileImportReportJson({ sources, unread, ...rest }: FileImportReport): FileImportReportView {
  return { ...fileImportJson(rest), sources, unread };
}
