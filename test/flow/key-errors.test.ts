import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { munimentHere } from "../support/command-line.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { filesBelow, snapshot } from "../support/snapshot.ts";

const program = resolve(import.meta.dirname, "../../bin/muniment");
const listening = ["--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"];

/** A stopped archive with one mail, and its one pack. */
async function archiveWithMail(context: TestContext): Promise<{ folder: string; data: string; pack: string }> {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  writeFileSync(join(folder, "one.eml"), "From: anna@example.com\r\nSubject: one\r\n\r\nbody\r\n");
  await munimentJson(["import", join(folder, "one.eml"), "--data", data]);
  const pack = filesBelow(data).find((name) => name.startsWith("blobs/packs/"));
  assert.ok(pack);
  return { folder, data, pack: join(data, pack) };
}

/** Asserts that a command ends so, says so, and writes nothing. */
async function assertRefused(data: string, words: string[], code: number, said: RegExp): Promise<void> {
  const before = snapshot(data);
  const ran = await munimentHere([...words, "--data", data]);
  assert.equal(ran.code, code, ran.stderr);
  assert.match(ran.stderr, said);
  assert.equal(ran.stdout.length, 0);
  assert.deepEqual(snapshot(data), before);
}

test("mail without a key file is neither served nor given new keys: exit 10, and restore is named", async (context) => {
  const { folder, data } = await archiveWithMail(context);
  const file = join(data, "keys", "keyring.json");
  renameSync(file, join(folder, "kept"));
  for (const words of [["serve", ...listening], ["init"], ["status"], ["keys", "list"], ["keys", "rotate"]])
    await assertRefused(data, words, 10, /holds mail and its key file .* is gone.*restore.*KEY-FILE-MISSING/);
  renameSync(join(folder, "kept"), file);
  assert.equal((await munimentJson<{ total: number }>(["search", "subject:one", "--data", data])).total, 1);
});

test("a wrong passphrase, none, and a passphrase file that is not there are told apart", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  writeFileSync(join(folder, "right"), "right\n");
  writeFileSync(join(folder, "wrong"), "wrong\n");
  await munimentJson(["init", "--data", data, "--passphrase-file", join(folder, "right")]);
  const serve = ["serve", ...listening];
  const wrong = [...serve, "--passphrase-file", join(folder, "wrong")];
  await assertRefused(data, wrong, 12, /does not open the key file.*PASSPHRASE-WRONG/);
  await assertRefused(data, serve, 12, /no passphrase was given.*PASSPHRASE-WRONG/);
  const missing = [...serve, "--passphrase-file", join(folder, "missing")];
  await assertRefused(data, missing, 12, /cannot be read: ENOENT.*PASSPHRASE-UNREADABLE/);
  const change = ["keys", "passphrase", "--new-passphrase-file", join(folder, "wrong")];
  await assertRefused(data, [...change, "--passphrase-file", join(folder, "wrong")], 12, /PASSPHRASE-WRONG/);
  writeFileSync(join(folder, "empty"), "");
  const fresh = await munimentHere([
    "init",
    "--data",
    join(folder, "fresh"),
    "--passphrase-file",
    join(folder, "empty"),
  ]);
  assert.deepEqual([fresh.code, /PASSPHRASE-EMPTY/.test(fresh.stderr)], [2, true]);
});

test("a key file of a newer version, and one that was altered, each say so", async (context) => {
  const { data } = await archiveWithMail(context);
  const file = join(data, "keys", "keyring.json");
  const whole = readFileSync(file, "utf8");
  const put = (text: string) => writeFileSync(file, text, { mode: 0o600 });
  put(whole.replace('"v": 2', '"v": 3'));
  await assertRefused(data, ["serve", ...listening], 1, /newer version.*KEY-VERSION/);
  await assertRefused(data, ["keys", "list"], 1, /KEY-VERSION/);
  put(whole.replace('"epoch": 1', '"epoch": 7'));
  await assertRefused(data, ["serve", ...listening], 12, /KEY-DAMAGED/);
  put(whole.slice(0, 200));
  await assertRefused(data, ["serve", ...listening], 12, /not JSON.*KEY-DAMAGED/);
});

test("another installation's pack, another tenant's, and a newer one each say so", async (context) => {
  const { data, pack } = await archiveWithMail(context);
  const foreign = await archiveWithMail(context);
  const place = join(dirname(pack), foreign.pack.split("/").at(-1) ?? "");
  cpSync(foreign.pack, place);
  await assertRefused(data, ["inspect", "pack", place], 12, /the key of tenant main does not open pack.*KEY-WRONG/);
  rmSync(place);

  const others = join(dirname(dirname(pack)), "other", pack.split("/").at(-1) ?? "");
  mkdirSync(dirname(others));
  cpSync(pack, others);
  await assertRefused(data, ["inspect", "pack", others], 12, /holds pack .* of tenant main.*PACK-MISPLACED/);
  rmSync(dirname(others), { recursive: true });

  const bytes = readFileSync(pack);
  const length = 12 + bytes.readUInt32BE(8);
  bytes[7] = "9".charCodeAt(0);
  createHash("sha256").update(bytes.subarray(0, length)).digest().copy(bytes, length);
  writeFileSync(pack, bytes);
  await assertRefused(data, ["inspect", "pack", pack], 1, /newer version.*PACK-VERSION/);
});

test("a key file that is older than a pack says so, and the newest copy mends it", async (context) => {
  const { folder, data } = await archiveWithMail(context);
  const file = join(data, "keys", "keyring.json");
  cpSync(file, join(folder, "older"));
  await munimentJson(["keys", "rotate", "--data", data]);
  writeFileSync(join(folder, "two.eml"), "From: anna@example.com\r\nSubject: two\r\n\r\nbody\r\n");
  await munimentJson(["import", join(folder, "two.eml"), "--data", data]);
  const newest = filesBelow(data)
    .filter((name) => name.startsWith("blobs/packs/"))
    .sort()
    .at(-1);
  renameSync(file, join(folder, "newest"));
  cpSync(join(folder, "older"), file);
  const inspect = ["inspect", "pack", join(data, newest ?? "")];
  await assertRefused(data, inspect, 12, /needs epoch 2 of the key of tenant main.*KEY-MISSING/);
  cpSync(join(folder, "newest"), file);
  assert.equal((await munimentJson<{ total: number }>(["search", "body", "--data", data])).total, 2);
});

test("a rebuild enters no pack of another installation, of another tenant or of a newer version, names each and leaves it", async (context) => {
  const { data, pack } = await archiveWithMail(context);
  const foreign = await archiveWithMail(context);
  const folder = dirname(pack);
  const put = (last: string, bytes: Buffer) => {
    const place = join(folder, `${pack.split("/").at(-1)?.slice(0, -6)}${last}.pack`);
    writeFileSync(place, bytes);
    return place;
  };
  const newer = readFileSync(pack);
  const length = 12 + newer.readUInt32BE(8);
  newer[7] = "9".charCodeAt(0);
  createHash("sha256").update(newer.subarray(0, length)).digest().copy(newer, length);
  const places = [put("x", readFileSync(pack)), put("z", newer), join(folder, foreign.pack.split("/").at(-1) ?? "")];
  cpSync(foreign.pack, places[2] ?? "");
  const before = places.map((place) => readFileSync(place));
  const { code, stdout } = await munimentHere(["rebuild", "catalogue", "--data", data, "--json"]);
  assert.equal(code, 3);
  const rebuilt = JSON.parse(stdout.toString()) as { messages: number; unreadable: { pack: string; detail: string }[] };
  assert.equal(rebuilt.messages, 1);
  const said = rebuilt.unreadable.map(({ detail }) => detail).sort();
  assert.equal(said.length, 3, said.join("; "));
  for (const what of [/newer version/, /holds pack/, /does not open pack/])
    assert.ok(
      said.some((detail) => what.test(detail)),
      `${what}: ${said.join("; ")}`,
    );
  assert.deepEqual(
    places.map((place) => readFileSync(place)),
    before,
  );
});

test("a key file that others may read is a warning with its remedy, and the server starts", async (context) => {
  const { data } = await archiveWithMail(context);
  const file = join(data, "keys", "keyring.json");
  chmodSync(file, 0o640);
  const server = await startServer(data);
  context.after(() => server.kill());
  assert.ok(server.stderr().includes(`has mode 0640, so others may read it; run: chmod 600 ${file}`), server.stderr());
  assert.equal(await server.stop(), 0);
  execFileSync("chmod", ["600", file]);
  const again = await startServer(data);
  context.after(() => again.kill());
  assert.equal(again.stderr().includes("has mode"), false);
  assert.equal(await again.stop(), 0);
});

test("a key file that the system does not let us read says so", async (context) => {
  const { data } = await archiveWithMail(context);
  const file = join(data, "keys", "keyring.json");
  chmodSync(file, 0o000);
  const before = snapshotUnread(data);
  const words = ["serve", "--data", data, ...listening];
  // The superuser reads everything, unless it gives up the right to.
  const caps = "-dac_override,-dac_read_search";
  const ran =
    process.getuid?.() === 0
      ? spawnSync("setpriv", [`--bounding-set=${caps}`, `--inh-caps=${caps}`, program, ...words], { encoding: "utf8" })
      : spawnSync(program, words, { encoding: "utf8" });
  assert.equal(ran.status, 12, ran.stderr);
  assert.match(ran.stderr, /the key file cannot be read: .*EACCES.*KEY-UNREADABLE/);
  assert.deepEqual(snapshotUnread(data), before);
  chmodSync(file, 0o600);
});

/** As `snapshot`, of what can be read. */
function snapshotUnread(data: string): string[] {
  return filesBelow(data).filter((name) => !name.startsWith("keys"));
}
