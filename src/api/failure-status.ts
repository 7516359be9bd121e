import type { Failure } from "#core/index.ts";

/** How a failure is told over HTTP: its status and, where one field is to blame, a JSON pointer to it. */
export interface FailureStatus {
  status: number;
  pointer?: string | undefined;
}

/** Failures that are the asker's to mend. Everything else is ours: 503 when trying again may help, else 500. */
const statusByCode: Readonly<Record<string, FailureStatus>> = {
  "REQUEST-INVALID": { status: 400 },
  "REQUEST-HEADER-TOO-LARGE": { status: 431 },
  "REQUEST-MEDIA-TYPE": { status: 415 },
  "REQUEST-TOO-LARGE": { status: 413 },
  "ROUTE-UNKNOWN": { status: 404 },
  "AUTH-REQUIRED": { status: 401 },
  "AUTH-REJECTED": { status: 401 },
  "AUTH-FORBIDDEN": { status: 403 },
  "AUTH-CROSS-SITE": { status: 403 },
  "AUTH-BUSY": { status: 503 },
  "CLAIM-USED": { status: 410 },
  "CLAIM-CLOSED": { status: 404 },
  "EMAIL-BAD": { status: 422, pointer: "/email" },
  "EMAIL-TAKEN": { status: 409, pointer: "/email" },
  "PASSPHRASE-SHORT": { status: 422, pointer: "/passphrase" },
  "PASSPHRASE-LONG": { status: 422, pointer: "/passphrase" },
  "TENANT-UNKNOWN": { status: 404 },
  "TENANT-UNSTATED": { status: 400 },
  "CATALOGUE-MISSING": { status: 404 },
  "CATALOGUE-CONFLICT": { status: 409 },
  "CON-UNKNOWN": { status: 404 },
  "CON-ADDRESS": { status: 422, pointer: "/journalEmailAddress" },
  "CON-DESCRIPTION": { status: 422, pointer: "/description" },
  "CON-AGE": { status: 422, pointer: "/maxAgeDays" },
  "CON-SOURCES": { status: 422, pointer: "/smtp" },
  "CON-ENVELOPE": { status: 422, pointer: "/rules" },
  "CON-MAILBOX": { status: 422, pointer: "/pop3" },
  "CON-DISABLED": { status: 409 },
  "CON-OPEN": { status: 409 },
  "ADDRESS-RANGE": { status: 422, pointer: "/smtp/permitted" },
  "CON-CONFLICT": { status: 409 },
  "CON-STALE": { status: 412 },
  "PRECONDITION-REQUIRED": { status: 428 },
  "MESSAGE-UNKNOWN": { status: 404 },
  "RECEIPT-NO-REPORT": { status: 404 },
  "SEARCH-CURSOR": { status: 400 },
  "IMPORT-UNKNOWN": { status: 404 },
  "IMPORT-TOO-LARGE": { status: 413 },
  "IMPORT-PATH": { status: 422, pointer: "/path" },
  "SMIME-PASSPHRASE": { status: 422, pointer: "/passphrase" },
  "SMIME-KEY-FILE": { status: 422, pointer: "/file" },
  "DECISION-UNKNOWN": { status: 404 },
  "DECISION-WHY": { status: 422, pointer: "/why" },
  "DOMAIN-MALFORMED": { status: 422, pointer: "/domains" },
  "SMIME-NO-ENTITY": { status: 404 },
  "PART-UNKNOWN": { status: 404 },
  "SMIME-CERTIFICATE": { status: 422, pointer: "/file" },
  "BACKUP-PLACE": { status: 422, pointer: "/directory" },
  "BACKUP-OTHER": { status: 409, pointer: "/directory" },
  "BACKUP-BUSY": { status: 409 },
  INTERNAL: { status: 500 },
};

/** The HTTP status of `failure`. */
export function failureStatus(failure: Failure): FailureStatus {
  return statusByCode[failure.code] ?? { status: failure.retry === "never" ? 500 : 503 };
}
