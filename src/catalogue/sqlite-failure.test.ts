import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { Failure, type Retry } from "#core/index.ts";
import { sqliteFailure } from "./sqlite-failure.ts";

function temporaryFile(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "muniment-"));
  context.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "file.sqlite");
}

function check(work: () => void, code: string, retry: Retry, message: RegExp): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  const failure = sqliteFailure(thrown, "/data/acme.sqlite", "rebuild it");
  assert.equal(failure.code, code);
  assert.equal(failure.retry, retry);
  assert.match(failure.message, message);
  assert.doesNotMatch(failure.publicText, /\//);
}

test("calls a lock held elsewhere busy", (context) => {
  const path = temporaryFile(context);
  using holder = new DatabaseSync(path);
  using waiting = new DatabaseSync(path, { timeout: 0 });
  holder.exec("begin immediate");
  check(() => waiting.exec("begin immediate"), "CATALOGUE-BUSY", "later", /acme.sqlite: another process holds/);
});

test("says of a damaged file what can be done about it", (context) => {
  const path = temporaryFile(context);
  writeFileSync(path, "this is no database, however long one reads on".repeat(100));
  using database = new DatabaseSync(path);
  check(() => database.exec("select * from sqlite_schema"), "CATALOGUE-FAULT", "later", /is damaged .*; rebuild it/);
});

test("takes what it does not know for a fault", () => {
  check(
    () => {
      throw new TypeError("no such thing");
    },
    "CATALOGUE-FAULT",
    "later",
    /fault \(no such thing\)/,
  );
});

test("leaves a failure as it is", () => {
  const failure = new Failure("CATALOGUE-CONFLICT", "never", "taken");
  assert.equal(sqliteFailure(failure, "file", "remedy"), failure);
});
