/** What the exit code of every command means; docs/cli.md and `muniment help exit-codes` show this table. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  partly: 3,
  refused: 4,
  notFound: 5,
  noArchive: 10,
  locked: 11,
  wrongKey: 12,
  warnings: 13,
  integrity: 20,
  later: 75,
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The meaning of each code in words, in order. */
export const exitMeanings: Readonly<Record<ExitCode, string>> = {
  0: "done, also when nothing was found",
  1: "failed",
  2: "wrong usage: an argument, option, setting or query",
  3: "done in part; standard error lists what was not",
  4: "login needed or refused",
  5: "not found",
  10: "no archive here",
  11: "locked by another process",
  12: "wrong key or passphrase",
  13: "warnings only",
  20: "integrity failure: stored bytes do not match",
  75: "not now; try again later",
  130: "interrupted",
};

const codesByProblem: Readonly<Record<string, ExitCode>> = {
  USAGE: exitCodes.usage,
  "SETTING-INVALID": exitCodes.usage,
  "TLS-CERTIFICATE": exitCodes.usage,
  "PATH-MISSING": exitCodes.notFound,
  "PACK-MISSING": exitCodes.notFound,
  "TENANT-NAME": exitCodes.usage,
  "TENANT-UNKNOWN": exitCodes.notFound,
  "SOCKET-FORBIDDEN": exitCodes.refused,
  "ARCHIVE-MISSING": exitCodes.noArchive,
  "ARCHIVE-LOCKED": exitCodes.locked,
  "KEY-FILE-MISSING": exitCodes.noArchive,
  "PASSPHRASE-WRONG": exitCodes.wrongKey,
  "PASSPHRASE-UNREADABLE": exitCodes.wrongKey,
  "PASSPHRASE-EMPTY": exitCodes.usage,
  "KIT-UNREADABLE": exitCodes.usage,
  "KIT-EXISTS": exitCodes.usage,
  "KIT-MISSING": exitCodes.notFound,
  "KIT-WRONG": exitCodes.wrongKey,
  "SMIME-PASSPHRASE": exitCodes.wrongKey,
  "KEY-WRONG": exitCodes.wrongKey,
  "KEY-UNREADABLE": exitCodes.wrongKey,
  "PACK-MISPLACED": exitCodes.wrongKey,
  "KEY-MISSING": exitCodes.wrongKey,
  "KEY-DAMAGED": exitCodes.wrongKey,
  "PACK-DAMAGED": exitCodes.integrity,
  "PACK-UNPROVED": exitCodes.integrity,
  "KEY-UNPROVED": exitCodes.integrity,
  "BLOB-MISSING": exitCodes.integrity,
  "BLOB-SHORT": exitCodes.integrity,
  "BYTES-DIFFER": exitCodes.integrity,
  "BACKUP-DAMAGED": exitCodes.integrity,
  "BACKUP-INCOMPLETE": exitCodes.integrity,
  "BACKUP-UNPROVED": exitCodes.integrity,
  "BACKUP-MISSING": exitCodes.notFound,
  "BACKUP-PLACE": exitCodes.usage,
  "BACKUP-OTHER": exitCodes.usage,
  "BACKUP-BUSY": exitCodes.later,
  "RESTORE-TARGET": exitCodes.usage,
  "IMPORT-UNKNOWN": exitCodes.later,
  "SERVER-STOPPING": exitCodes.later,
  "SPOOL-FULL": exitCodes.later,
  "DISK-FULL": exitCodes.later,
  "CATALOGUE-BUSY": exitCodes.later,
  INTERRUPTED: exitCodes.interrupted,
};

const codesByStatus: Readonly<Record<number, ExitCode>> = {
  400: exitCodes.usage,
  401: exitCodes.refused,
  403: exitCodes.refused,
  404: exitCodes.notFound,
  410: exitCodes.notFound,
  422: exitCodes.usage,
  429: exitCodes.later,
  503: exitCodes.later,
};

/** The exit code for a problem: by its code where that says more, else by its HTTP status, else 1. */
export function exitCodeOf(problem: { code: string; status?: number }): ExitCode {
  return codesByProblem[problem.code] ?? codesByStatus[problem.status ?? 0] ?? exitCodes.failed;
}
