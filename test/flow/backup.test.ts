import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openArchive } from "#server/index.ts";
import { socketAddress } from "../../src/cli/socket-address.ts";
import { assertSound, exported } from "../support/archive.ts";
import { seeded, seededBytes, sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { answerHere, answerOf, munimentHere } from "../support/here.ts";
import { addConnector, muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient, sendAll } from "../support/smtp-client.ts";

interface Backup {
  directory: string;
  id: string;
  restore: string;
  notIncluded: number;
  left: { kind: string; pack: string }[];
  packs: { count: number; bytes: number; copied: number; copiedBytes: number };
  tenants: { id: string; changes: number; messages: number; receipts: number }[];
  lastRestoreTest: { testedAt: string; backup: string } | null;
}

interface Restored {
  ok: boolean;
  checked: number;
  packs: number;
  damagedPacks: { kind: string; pack: string; file: string; isFromArchive: boolean }[];
  damaged: { id: string | null; pack: string }[];
}

interface Found {
  total: number;
  items: { id: string }[];
}

const address = "journal@archive.example";

function mail(name: string, bytes = 400): Buffer {
  return Buffer.from(
    `From: a@test.example\r\nSubject: ${name}\r\n\r\n${`${name} line\r\n`.repeat(Math.ceil(bytes / 20))}`,
  );
}

function backUp(data: string, directory: string, ...more: string[]): Promise<Backup> {
  return answerHere<Backup>(["backup", directory, "--data", data, ...more]);
}

/**
 * An archive that holds these mails, each in a pack of its own since each was waited for, and that is open in this process,
 * so that commands on it need not open it.
 */
async function archiveWith(context: TestContext, folder: string, mails: readonly Buffer[]): Promise<string> {
  const data = join(folder, "data");
  const source = join(folder, "mails");
  mkdirSync(source, { recursive: true });
  await answerHere(["init", "--data", data, "--no-input"]);
  const listen = { http: null, smtp: null, socket: socketAddress(data) };
  const archive = await openArchive({ data, listen, logLevel: "silent" });
  context.after(() => archive.close(new AbortController().signal));
  for (const [index, bytes] of mails.entries()) {
    const file = join(source, `${index}.eml`);
    writeFileSync(file, bytes);
    await answerHere(["import", file, "--data", data]);
  }
  return data;
}

function packsBelow(folder: string): string[] {
  const packs = join(folder, "packs", "main");
  return readdirSync(packs)
    .sort()
    .map((name) => join(packs, name));
}

/** Every flow ends with it. */
async function assertSoundHere(data: string): Promise<void> {
  const result = await answerHere<{ ok: boolean; damaged: unknown[]; unknown: unknown[] }>(["verify", "--data", data]);
  assert.deepEqual([result.ok, result.damaged, result.unknown], [true, [], []]);
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** Runs a restore that must fail with 20, and gives what it said. */
async function refused(args: readonly string[]): Promise<{ text: string; code: string; effect: string }> {
  const ran = await munimentHere(["restore", ...args, "--json"]);
  assert.equal(ran.code, 20, ran.stderr);
  const { problem } = answerOf<{ problem: { code: string; effect: string } }>(ran);
  return { text: ran.stderr, code: problem.code, effect: problem.effect };
}

/** Sends mail over several sessions until it is told to stop; keeps the digest of everything answered 250. */
function load(port: number, context: TestContext) {
  const acknowledged = new Set<string>();
  let isEnding = false;
  let enough: { count: number; resolve: () => void } = { count: Number.POSITIVE_INFINITY, resolve: () => undefined };
  const next = seeded(11);
  const sessions = Array.from({ length: 4 }, async (_, session) => {
    const client = await SmtpClient.open(port);
    context.after(() => client.destroy());
    for (let index = 0; !isEnding; index += 1) {
      const bytes = mail(`session ${session} message ${index}`, Math.floor(next() ** 4 * 60_000));
      const reply = await client.send(address, bytes);
      assert.match(reply, /^250/);
      acknowledged.add(sha256(bytes));
      if (acknowledged.size >= enough.count) enough.resolve();
    }
    await client.quit();
  });
  return {
    acknowledged,
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        enough = { count, resolve };
        if (acknowledged.size >= count) resolve();
      }),
    end: async () => {
      isEnding = true;
      await Promise.all(sessions);
    },
  };
}

test("a backup under load, restored on an empty folder, holds every message acknowledged before it began", async (context) => {
  const folder = testFolder(context);
  const [data, directory] = [join(folder, "data"), join(folder, "backup")];
  await munimentJson(["init", "--data", data, "--no-input"]);
  writeFileSync(join(data, "muniment.yaml"), 'http: "127.0.0.1:0"\n');
  const server = await startServer(data);
  context.after(() => server.kill());
  const connector = await addConnector(data, "standard", address);
  const sending = load(server.smtpPort, context);
  await sending.reached(150);
  const before = new Set(sending.acknowledged);
  const backup = await backUp(data, directory);
  const meanwhile = sending.acknowledged.size - before.size;
  assert.ok(meanwhile > 0, "mail went on coming while the backup was made");
  await sending.end();
  await settled(data);
  assert.equal(await server.stop(), 0);

  // Nothing of the old host is needed: its folder goes first.
  rmSync(data, { recursive: true });
  assert.equal(backup.restore, `muniment restore ${directory} --data ${data}`);
  const { code, stderr } = await muniment(backup.restore.split(" ").slice(1));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Go on with: muniment serve --data/);
  assert.equal(existsSync(`${data}.unfinished`), false);
  assert.equal(readFileSync(join(data, "muniment.yaml"), "utf8"), 'http: "127.0.0.1:0"\n');

  const again = await startServer(data);
  context.after(() => again.kill());
  const status = await settled(data);
  assert.equal(status.messages, backup.tenants[0]?.messages);
  const back = await exported(data, "*", join(folder, "export"));
  assert.deepEqual(
    [...before].filter((digest) => !back.has(digest)),
    [],
    "lost of what was acknowledged before",
  );
  const known = await munimentJson<{ id: string }[]>(["connectors", "list", "--data", data]);
  assert.deepEqual(
    known.map(({ id }) => id),
    [connector.id],
  );
  // The restored archive is one: it takes mail.
  await sendAll(again.smtpPort, address, [mail("after the restore")]);
  assert.equal((await settled(data)).messages, status.messages + 1);
  await assertSound(data);
  assert.equal(await again.stop(), 0);
  console.log(`${before.size} acknowledged before, ${meanwhile} while the backup was made; ${back.size} restored`);
});

test("a second backup copies only what is new, and so does one without a manifest to go by", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one"), mail("two")]);
  const directory = join(folder, "backup");
  const first = await backUp(data, directory);
  assert.deepEqual(
    [first.packs.copied, first.packs.copiedBytes, first.left],
    [first.packs.count, first.packs.bytes, []],
  );
  const unchanged = await backUp(data, directory);
  assert.deepEqual([unchanged.packs.copied, unchanged.packs.count], [0, first.packs.count]);
  assert.notEqual(unchanged.id, first.id);
  // What is not a pack changes sides with each backup; the old side is emptied once the new one counts.
  const sides = readdirSync(join(directory, "snapshots"), { recursive: true, withFileTypes: true });
  const inUse = sides
    .filter((entry) => entry.isFile())
    .map(({ parentPath }) => parentPath.slice(directory.length, directory.length + 12));
  assert.deepEqual(new Set(inUse), new Set(["/snapshots/b"]));

  const written = packsBelow(directory).map((file) => [file, statSync(file).mtimeMs]);
  mkdirSync(join(folder, "more"));
  writeFileSync(join(folder, "more", "three.eml"), mail("three"));
  await answerHere(["import", join(folder, "more"), "--data", data]);
  const second = await backUp(data, directory);
  assert.deepEqual([second.packs.copied, second.packs.count], [1, first.packs.count + 1]);
  assert.equal(second.tenants[0]?.messages, 3);
  assert.deepEqual(
    written.map(([file]) => [file, statSync(file as string).mtimeMs]),
    written,
  );

  rmSync(join(directory, "manifest.json"));
  assert.equal((await refused([directory, "--data", join(folder, "new")])).code, "BACKUP-INCOMPLETE");
  assert.equal((await backUp(data, directory)).packs.copied, 0);
  const restored = await answerHere<Restored>(["restore", directory, "--data", join(folder, "new")]);
  assert.deepEqual([restored.ok, restored.checked, restored.packs], [true, 3, second.packs.count]);
  await assertSoundHere(join(folder, "new"));
});

test("--test proves a good backup, leaves nothing behind and is remembered; a damaged one names file and messages", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one", 300_000), mail("two", 300_000)]);
  const directory = join(folder, "backup");
  const backup = await backUp(data, directory);
  assert.equal(backup.lastRestoreTest, null);
  const beside = readdirSync(folder);
  const good = await answerHere<Restored>(["restore", directory, "--test"]);
  assert.deepEqual([good.ok, good.checked], [true, 2]);
  assert.deepEqual(readdirSync(folder), beside);
  assert.equal((await backUp(data, directory)).lastRestoreTest?.backup, backup.id);
  const sampled = await answerHere<Restored>(["restore", directory, "--test", "--sample", "1%"]);
  assert.equal(sampled.ok, true);
  const record = readFileSync(join(directory, "restore-test.json"), "utf8");
  assert.equal(JSON.parse(record).share, 0.01);

  const [pack] = packsBelow(directory);
  assert.ok(pack !== undefined);
  const whole = readFileSync(pack);
  const frame = whole.indexOf("MFR1");
  flip(pack, frame + 100);
  const { code, stdout } = await munimentHere(["restore", directory, "--test", "--json"]);
  const bad = answerOf<Restored>({ code, stdout, stderr: "" });
  assert.deepEqual([code, bad.ok], [20, false]);
  assert.deepEqual(
    bad.damagedPacks.map(({ kind, file }) => [kind, file]),
    [["damaged", pack]],
  );
  assert.equal(new Set(bad.damaged.map(({ id }) => id)).size, 1, "one of two messages lies in the damaged frame");
  assert.deepEqual(readdirSync(folder), beside);
  assert.equal(readFileSync(join(directory, "restore-test.json"), "utf8"), record, "a test that failed is no test");

  // A backup that believes its list does not look; one that checks finds the damage and copies the pack anew.
  assert.equal((await backUp(data, directory)).packs.copied, 0);
  assert.equal((await backUp(data, directory, "--check")).packs.copied, 1);
  assert.deepEqual(readFileSync(pack), whole);
  assert.equal((await answerHere<Restored>(["restore", directory, "--test"])).ok, true);
});

test("every kind of damage to a backup is named with file and effect, and nothing is half-installed", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one"), mail("two")]);
  const good = join(folder, "backup");
  await backUp(data, good);
  const [pack] = packsBelow(good);
  const packName = (pack ?? "").slice(good.length + 1);
  const snapshot = "snapshots/a";
  const cases: { file: string; damage: (path: string) => void; effect: RegExp }[] = [
    { file: packName, damage: (path) => flip(path, statSync(path).size - 40), effect: /messages are touched/ },
    { file: packName, damage: (path) => truncateSync(path, 200), effect: /messages are touched/ },
    { file: packName, damage: (path) => rmSync(path), effect: /messages are touched/ },
    { file: `${snapshot}/keys/keyring.json`, damage: (path) => flip(path, 30), effect: /another copy of the key file/ },
    { file: `${snapshot}/keys/keyring.json`, damage: (path) => rmSync(path), effect: /another copy of the key file/ },
    {
      file: `${snapshot}/catalogue/tenants/main.sqlite`,
      damage: (path) => flip(path, 5_000),
      effect: /rebuild catalogue/,
    },
    {
      file: `${snapshot}/catalogue/installation.sqlite`,
      damage: (path) => truncateSync(path, 4_096),
      effect: /connectors and people/,
    },
    { file: `${snapshot}/packs.jsonl`, damage: (path) => flip(path, 10), effect: /packs themselves may be whole/ },
    { file: "manifest.json", damage: (path) => flip(path, 60), effect: /nothing was written/ },
    { file: "manifest.json", damage: (path) => truncateSync(path, 100), effect: /nothing was written/ },
  ];
  for (const { file, damage, effect } of cases) {
    const copy = join(folder, "damaged");
    cpSync(good, copy, { recursive: true });
    damage(join(copy, file));
    const said = await refused([copy, "--data", join(folder, "new")]);
    assert.equal(said.code, "BACKUP-DAMAGED", file);
    assert.ok(said.text.includes(join(copy, file)), `${file}: ${said.text}`);
    assert.match(said.effect, effect, file);
    assert.deepEqual(
      [existsSync(join(folder, "new")), existsSync(join(folder, "new.unfinished"))],
      [false, false],
      file,
    );
    rmSync(copy, { recursive: true });
  }
});

test("what holds of a damaged backup can be had on purpose", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one", 300_000), mail("two", 300_000)]);
  const directory = join(folder, "backup");
  await backUp(data, directory);
  const [pack] = packsBelow(directory);
  flip(pack ?? "", readFileSync(pack ?? "").indexOf("MFR1") + 100);
  const target = join(folder, "new");
  const { code, stdout } = await munimentHere(["restore", directory, "--data", target, "--accept-damage", "--json"]);
  assert.equal(code, 3);
  const { damaged } = answerOf<Restored>({ code, stdout, stderr: "" });
  const [touched] = damaged.map(({ id }) => id);
  const codes = new Map<string, number | null>();
  await answerHere(["rebuild", "search", "--data", target]);
  const found = await answerHere<Found>(["search", "*", "--data", target]);
  assert.equal(found.total, 2);
  for (const { id } of found.items) codes.set(id, (await munimentHere(["get", id, "--data", target])).code);
  assert.deepEqual([codes.get(touched ?? ""), [...codes.values()].sort()], [20, [0, 20]]);
});

test("a backup of a damaged archive keeps what holds, keeps a good copy it has, and says so", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one", 300_000), mail("two", 300_000)]);
  const [pack] = packsBelow(join(data, "blobs"));
  assert.ok(pack !== undefined);
  const [early, late] = [join(folder, "early"), join(folder, "late")];
  await backUp(data, early);
  flip(pack, readFileSync(pack).indexOf("MFR1") + 100);

  // The earlier backup has the pack as it was; it stays.
  const kept = await backUp(data, early, "--check");
  assert.deepEqual([kept.packs.copied, kept.left], [0, []]);
  const whole = await answerHere<Restored>(["restore", early, "--test"]);
  assert.equal(whole.ok, true);

  const { code, stdout, stderr } = await munimentHere(["backup", late, "--data", data, "--json"]);
  const damaged = answerOf<Backup>({ code, stdout, stderr: "" });
  assert.deepEqual([code, damaged.left.map(({ kind }) => kind)], [20, ["damaged"]], stderr);
  const restored = await munimentHere(["restore", late, "--data", join(folder, "new"), "--json"]);
  const told = answerOf<Restored>(restored);
  assert.deepEqual([restored.code, told.damagedPacks.map(({ isFromArchive }) => isFromArchive)], [3, [true]]);

  rmSync(pack);
  const gone = join(folder, "gone");
  const third = await munimentHere(["backup", gone, "--data", data, "--json"]);
  assert.deepEqual(
    answerOf<Backup>(third).left.map(({ kind }) => kind),
    ["missing"],
  );
  // Once the pack is back, the next backup has it.
  cpSync(packsBelow(early)[0] ?? "", pack);
  const mended = await backUp(data, gone);
  assert.deepEqual([mended.packs.copied, mended.left], [1, []]);
  assert.equal((await backUp(data, late)).packs.copied, 1);
  await assertSoundHere(data);
});

test("folders that are not free are refused, and nothing in them is touched", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one")]);
  const directory = join(folder, "backup");
  await backUp(data, directory);
  const taken = join(folder, "taken");
  mkdirSync(taken);
  writeFileSync(join(taken, "thesis.txt"), "mine");
  const ends = async (...args: string[]) => {
    const ran = await munimentHere([...args, "--json"]);
    return [ran.code, answerOf<{ problem: { code: string } }>(ran).problem.code];
  };
  assert.deepEqual(await ends("restore", directory, "--data", taken), [2, "RESTORE-TARGET"]);
  assert.deepEqual(await ends("restore", directory, "--data", data), [2, "RESTORE-TARGET"]);
  assert.deepEqual(await ends("backup", taken, "--data", data), [2, "BACKUP-PLACE"]);
  assert.deepEqual(await ends("backup", join(data, "backup"), "--data", data), [2, "BACKUP-PLACE"]);
  assert.deepEqual(await ends("restore", join(folder, "nothing"), "--data", join(folder, "new")), [
    5,
    "BACKUP-MISSING",
  ]);
  const other = join(folder, "other");
  await answerHere(["init", "--data", other, "--no-input"]);
  assert.deepEqual(await ends("backup", directory, "--data", other), [2, "BACKUP-OTHER"]);
  assert.deepEqual(readdirSync(taken), ["thesis.txt"]);

  // What a restore left that was cut short is removed by the next; what is not a restore's stays.
  const target = join(folder, "new");
  mkdirSync(`${target}.unfinished`);
  writeFileSync(join(`${target}.unfinished`, "thesis.txt"), "mine");
  assert.deepEqual(await ends("restore", directory, "--data", target), [2, "RESTORE-TARGET"]);
  writeFileSync(join(`${target}.unfinished`, ".muniment-restore"), "");
  mkdirSync(target);
  assert.equal((await answerHere<Restored>(["restore", directory, "--data", target])).ok, true);
  assert.equal(existsSync(`${target}.unfinished`), false);
  await assertSoundHere(target);
});

test("an attachment that messages of two packs share is restored with both, from one copy", async (context) => {
  const folder = testFolder(context);
  const file = seededBytes(5, 60_000).toString("base64").replace(/.{76}/g, "$&\r\n");
  const attached = (name: string) =>
    Buffer.from(
      `From: a@test.example\r\nSubject: ${name}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${file}\r\n`,
    );
  const data = await archiveWith(context, folder, [attached("first")]);
  writeFileSync(join(folder, "second.eml"), attached("second"));
  await answerHere(["import", join(folder, "second.eml"), "--data", data]);
  const directory = join(folder, "backup");
  const { packs } = await backUp(data, directory);
  assert.equal(packs.count, 2);
  assert.ok(packs.bytes < 2 * 60_000, "the attachment is there once");
  const target = join(folder, "new");
  const restored = await answerHere<Restored>(["restore", directory, "--data", target]);
  assert.deepEqual([restored.ok, restored.checked], [true, 2]);
  await assertSoundHere(target);
});

test("a change of the key file that was under way is carried over, and ends in what is restored", async (context) => {
  const folder = testFolder(context);
  const data = await archiveWith(context, folder, [mail("one")]);
  const directory = join(folder, "backup");
  const keys = (root: string, name = "keyring.json") => join(root, "keys", name);
  const proved = readFileSync(keys(data));
  // A change writes the old file beside; the new one may turn out not to open.
  writeFileSync(keys(data, "keyring.json.previous"), proved, { mode: 0o600 });
  writeFileSync(keys(data), proved.subarray(0, proved.length / 2));
  await backUp(data, directory);
  const target = join(folder, "new");
  const restored = await answerHere<Restored>(["restore", directory, "--data", target]);
  assert.deepEqual([restored.ok, restored.checked], [true, 1]);
  assert.deepEqual(readdirSync(join(target, "keys")), ["keyring.json"]);
  assert.deepEqual(readFileSync(keys(target)), proved);
  await assertSoundHere(target);

  // Once the change is over, a backup has one key file again.
  writeFileSync(keys(data), proved);
  rmSync(keys(data, "keyring.json.previous"));
  await backUp(data, directory);
  const manifest = readFileSync(join(directory, "manifest.json"), "utf8");
  assert.deepEqual(manifest.match(/keyring\.json\.previous/g), null);
  assert.equal((await answerHere<Restored>(["restore", directory, "--test"])).ok, true);
});

test("a protected key file is restored with its passphrase, and with no other", async (context) => {
  const folder = testFolder(context);
  const [data, directory] = [join(folder, "data"), join(folder, "backup")];
  const [right, wrong] = [join(folder, "right"), join(folder, "wrong")];
  writeFileSync(right, "a good long passphrase\n");
  writeFileSync(wrong, "another passphrase\n");
  await answerHere(["init", "--data", data, "--no-input", "--passphrase-file", right]);
  writeFileSync(join(folder, "one.eml"), mail("one"));
  await answerHere(["import", join(folder, "one.eml"), "--data", data, "--passphrase-file", right]);
  const backup = await backUp(data, directory, "--passphrase-file", right);
  assert.ok(backup.restore.endsWith(`--passphrase-file ${right}`));
  const target = join(folder, "new");
  for (const more of [[], ["--passphrase-file", wrong]]) {
    assert.equal((await munimentHere(["restore", directory, "--data", target, ...more])).code, 12);
    assert.deepEqual([existsSync(target), existsSync(`${target}.unfinished`)], [false, false]);
  }
  const restored = await answerHere<Restored>(["restore", directory, "--data", target, "--passphrase-file", right]);
  assert.deepEqual([restored.ok, restored.checked], [true, 1]);
});
