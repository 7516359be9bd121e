import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson } from "../support/server.ts";

interface Verification {
  ok: boolean;
  entries: number;
  head: { seq: number; hash: string };
  breaks: { seq: number; kind: string; words: string }[];
}

/** What somebody with the database in hand does to it, and what the check says of it. */
const tampering: [string, string, [number, string, string][]][] = [
  [
    "an entry that was edited",
    "update audit set who = 'somebody else' where seq = 3",
    [[3, "changed", "entry 3 was changed after it was written, or entry 2 before it was"]],
  ],
  [
    "an entry whose subjects are no list any more",
    "update audit set subjects = 'x' where seq = 1",
    [[1, "changed", ""]],
  ],
  [
    "entries that were taken out",
    "delete from audit where seq in (2, 3)",
    [[4, "missing", "entries 2 to 3 are missing"]],
  ],
  [
    "entries that changed places",
    "update audit set seq = 5 - seq + 100 where seq in (2, 3); update audit set seq = seq - 100 where seq > 100",
    [
      [2, "changed", ""],
      [3, "changed", ""],
      [4, "changed", ""],
    ],
  ],
  [
    "the newest entry, which was cut off",
    "delete from audit where seq = 5",
    [[5, "missing", "the newest were taken out"]],
  ],
];

test("whatever is done to the audit log in the database is found and named", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  for (let count = 0; count < 5; count += 1)
    await munimentJson(["token", "create", "--role", "auditor", "--label", `t${count}`, "--data", data]);
  const verify = async (...more: string[]) => {
    const { code, stdout } = await muniment(["audit", "verify", ...more, "--data", data, "--json"]);
    return { code, ...(JSON.parse(stdout.toString()) as Verification) };
  };
  const whole = await verify();
  assert.deepEqual([whole.code, whole.ok, whole.entries, whole.breaks], [0, true, 5, []]);
  const head = `${whole.head.seq}:${whole.head.hash}`;

  const file = join(data, "catalogue", "installation.sqlite");
  for (const suffix of ["-wal", "-shm"]) assert.throws(() => copyFileSync(file + suffix, file + suffix + ".kept"));
  copyFileSync(file, `${file}.kept`);
  for (const [what, sql, expected] of tampering) {
    const database = new DatabaseSync(file);
    assert.throws(() => database.exec(sql), /only added to/, `${what}: a plain statement is refused`);
    database.exec(`drop trigger audit_no_update; drop trigger audit_no_delete; ${sql}`);
    database.close();
    const found = await verify("--head", head);
    assert.deepEqual([found.code, found.ok], [20, false], what);
    assert.deepEqual(
      found.breaks.map(({ seq, kind }) => [seq, kind]),
      expected.map(([seq, kind]) => [seq, kind]),
      what,
    );
    for (const [index, [, , words]] of expected.entries()) assert.ok(found.breaks[index]!.words.includes(words), what);
    copyFileSync(`${file}.kept`, file);
  }
  assert.equal((await verify("--head", head)).ok, true);
  // Written anew from an entry on, with digests that hold: only what was noted elsewhere shows it.
  const anew = await verify("--head", `${whole.head.seq}:${"0".repeat(64)}`);
  assert.deepEqual(
    [anew.code, anew.breaks.map(({ words }) => words)],
    [20, ["entry 5 is not the one that was noted: the log was written anew"]],
  );
  assert.equal((await muniment(["audit", "verify", "--head", "5", "--data", data])).code, 2);
});
