import assert from "node:assert/strict";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure, type TenantId } from "#core/index.ts";
import { createSimClock } from "../../test/api/sim-clock.ts";
import { testFolder } from "../../test/support/folder.ts";
import { createFileImports } from "./create-file-imports.ts";
import type { FileImports, ImportSink } from "./file-imports.ts";
import type { RunCounts } from "./tally.ts";

const acme = "acme" as TenantId;
const other = "other" as TenantId;
const how = { type: "standard", unquoting: null } as const;
const noted = async () => undefined;
const mail = (number: number) => `From: a@test.example\r\nSubject: ${number}\r\n\r\nbody\r\n`;
const mbox = [1, 2].map((number) => `From a@test.example Thu Jan  1 00:00:00 1970\n${mail(number)}\n`).join("");

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

/** An archive that takes everything, and settles it only when it is told. */
function smallSink() {
  const runs: RunCounts[] = [];
  const waiting = new Set<() => void>();
  const taken: { label: string; text: string }[] = [];
  const keys = new Set<string>();
  const sink: ImportSink = {
    beginImport: () => {
      runs.push({ accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 });
      return `imp_${runs.length}`;
    },
    offerImport: async (_, id, { body, label, sourceKey }) => {
      let text = "";
      for await (const piece of body) text += Buffer.from(piece).toString();
      if (keys.has(sourceKey + text)) return { state: "known" };
      keys.add(sourceKey + text);
      taken.push({ label, text });
      const counts = runs[Number(id.slice(4)) - 1]!;
      counts.accepted += 1;
      counts.processing += 1;
      return { state: "accepted" };
    },
    importRun: (_, id) => ({ ...runs[Number(id.slice(4)) - 1]! }),
    importSources: () => [],
    changed: (signal) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => resolve());
      }),
  };
  const settle = () => {
    for (const counts of runs) {
      counts.archived += counts.processing;
      counts.processing = 0;
    }
    for (const wake of waiting) wake();
  };
  return { sink, taken, settle };
}

function setup(context: TestContext, changes: Partial<ImportSink> = {}) {
  const root = realpathSync(testFolder(context));
  const folder = join(root, "mail");
  mkdirSync(folder);
  const { sink, ...rest } = smallSink();
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const removed: string[] = [];
  const listeners = new Set<() => void>();
  const failures: unknown[] = [];
  const imports = createFileImports({
    sink: { ...sink, ...changes },
    // What is slept passes at once.
    clock: { ...clock, sleep: async (ms) => clock.advance(ms) },
    folders: [folder],
    own: join(root, "archive"),
    changed: () => {
      for (const listener of [...listeners]) listener();
    },
    failed: (_, error) => failures.push(error),
    uploads: {
      keep: async (id, name, bytes) => {
        const place = join(root, id);
        mkdirSync(place);
        const all: Uint8Array[] = [];
        for await (const piece of bytes) all.push(piece);
        writeFileSync(join(place, name), Buffer.concat(all));
        return place;
      },
      remove: async (id) => {
        await rm(join(root, id), { recursive: true });
        removed.push(id);
      },
    },
  });
  context.after(() => imports.stop());
  return { ...rest, imports, folder, removed, listeners, failures };
}

/** Resolves when the newest import is in one of these states. */
function reached(imports: FileImports, listeners: Set<() => void>, ...states: string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!states.includes(imports.list(acme)[0]!.state)) return;
      listeners.delete(look);
      resolve();
    };
    listeners.add(look);
    look();
  });
}

test("what lies at a path is read, told as it goes, and reported at its end", async (context) => {
  const { imports, folder, listeners, settle, taken } = setup(context);
  writeFileSync(join(folder, "two.mbox"), mbox);
  writeFileSync(join(folder, "picture.jpg"), "\xff\xd8\xff");
  const notes: string[] = [];
  const begun = await imports.readPath(acme, folder, how, async (id, path) => void notes.push(`${id} ${path}`));
  assert.deepEqual(notes, [`imp_1 ${folder}`]);
  await reached(imports, listeners, "archiving");
  assert.deepEqual([imports.list(acme)[0]!.outcome.found, imports.list(acme)[0]!.outcome.archived], [2, 0]);
  settle();
  await reached(imports, listeners, "done");
  const report = imports.report(acme, begun.id)!;
  const { found, archived, duplicate, unreadable, ignored } = report.outcome;
  assert.deepEqual([found, archived, duplicate, unreadable, ignored], [2, 2, 0, 0, 1]);
  assert.deepEqual(
    report.sources.map(({ source, variant }) => [source, variant]),
    [
      [folder, null],
      [join(folder, "two.mbox"), "mbox"],
    ],
  );
  assert.equal(taken.length, 2);
  assert.equal(
    report.bytes,
    taken.reduce((sum, { text }) => sum + text.length, 0),
  );
  assert.deepEqual(imports.list(other), []);
  assert.equal(imports.report(other, begun.id), undefined);
});

test("an upload is read when it is whole and then removed, and again adds nothing", async (context) => {
  const { imports, listeners, settle, removed, taken } = setup(context);
  const file = () => ({ name: "../two.mbox", body: pieces(mbox.slice(0, 50), mbox.slice(50)), announced: mbox.length });
  const begun = await imports.readUpload(acme, file(), how, noted);
  assert.deepEqual([begun.name, begun.received, begun.announced], ["two.mbox", mbox.length, mbox.length]);
  await reached(imports, listeners, "archiving");
  settle();
  await reached(imports, listeners, "done");
  assert.deepEqual(
    taken.map(({ label }) => label),
    ["two.mbox: message 1", "two.mbox: message 2"],
  );
  await imports.readUpload(acme, file(), how, noted);
  await reached(imports, listeners, "done");
  assert.deepEqual(removed, ["imp_1", "imp_2"], "it is gone when it is told as done");
  assert.equal(taken.length, 2);
});

test("an upload that breaks off is told as failed and offers nothing", async (context) => {
  const { imports, taken } = setup(context);
  const body = (async function* () {
    yield Buffer.from(mail(1));
    throw new Failure("IMPORT-CUT", "later", "broke off");
  })();
  await assert.rejects(imports.readUpload(acme, { name: "a.eml", body, announced: null }, how, noted), {
    code: "IMPORT-CUT",
  });
  const [failed] = imports.list(acme);
  assert.deepEqual([failed!.state, failed!.problem?.code, taken.length], ["failed", "IMPORT-CUT", 0]);
});

test("what cannot be noted in the audit log is not begun", async (context) => {
  const { imports, folder, taken } = setup(context);
  writeFileSync(join(folder, "a.eml"), mail(1));
  const refuse = async () => {
    throw new Failure("DISK-FULL", "later", "no room for the entry");
  };
  await assert.rejects(imports.readPath(acme, folder, how, refuse), { code: "DISK-FULL" });
  await assert.rejects(
    imports.readUpload(acme, { name: "a.eml", body: pieces(mail(2)), announced: null }, how, refuse),
    {
      code: "DISK-FULL",
    },
  );
  await imports.stop();
  assert.equal(taken.length, 0);
});

test("a message the archive refuses for itself is unreadable, any other refusal ends the import", async (context) => {
  let code = "IMPORT-TOO-LARGE";
  const offerImport = async () => {
    throw new Failure(code, "never", "refused");
  };
  const { imports, folder, listeners, failures } = setup(context, { offerImport });
  writeFileSync(join(folder, "a.eml"), mail(1));
  const { id } = await imports.readPath(acme, folder, how, noted);
  await reached(imports, listeners, "done");
  assert.deepEqual(imports.report(acme, id)!.unread, [{ label: join(folder, "a.eml"), reason: "refused" }]);
  assert.equal(imports.report(acme, id)!.outcome.unreadable, 1);
  code = "SPOOL-SUSPECT";
  await imports.readPath(acme, folder, how, noted);
  await reached(imports, listeners, "failed");
  assert.equal(imports.list(acme)[0]!.problem?.code, "SPOOL-SUSPECT");
  assert.equal(failures.length, 1);
});

test("a full spool is waited for", async (context) => {
  let tries = 0;
  const offerImport = async () => {
    tries += 1;
    if (tries < 3) throw new Failure("SPOOL-FULL", "later", "full");
    return { state: "known" } as const;
  };
  const { imports, folder, listeners } = setup(context, { offerImport });
  writeFileSync(join(folder, "a.eml"), mail(1));
  await imports.readPath(acme, folder, how, noted);
  await reached(imports, listeners, "done");
  assert.deepEqual([tries, imports.list(acme)[0]!.outcome.duplicate], [3, 1]);
});

test("stopping ends what is under way, and nothing is begun afterwards", async (context) => {
  const { imports, folder } = setup(context);
  writeFileSync(join(folder, "a.eml"), mail(1));
  await imports.readPath(acme, folder, how, noted);
  await imports.stop();
  assert.deepEqual([imports.list(acme)[0]!.state, imports.list(acme)[0]!.problem?.code], ["failed", "SERVER-STOPPING"]);
  await assert.rejects(imports.readPath(acme, folder, how, noted), { code: "SERVER-STOPPING" });
});

test("the hundred and first under way is refused, and two are read at once", async (context) => {
  const { imports, folder } = setup(context);
  for (let number = 0; number < 100; number += 1) {
    const path = join(folder, `${number}.eml`);
    writeFileSync(path, mail(number));
    await imports.readPath(acme, path, how, noted);
  }
  await assert.rejects(imports.readPath(acme, folder, how, noted), { code: "IMPORT-BUSY", retry: "later" });
  assert.equal(imports.list(acme).filter(({ state }) => state === "waiting").length, 98);
});
