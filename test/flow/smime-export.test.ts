import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusKey, encryptedMail } from "../smime/encrypted-mail.ts";
import { search } from "../support/archive.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";

const bob = corpusKey("Bob");
const plain = Buffer.from("From: a@test.example\r\nSubject: plain\r\n\r\nnothing is hidden here\r\n");
const eve = corpusKey("Eve");

interface Line {
  id: string;
  sha256: string;
  bytes: number;
  file: string | null;
  smime: { state: string; key: string | null } | null;
  opened: {
    file: string;
    path: string;
    sha256: string;
    bytes: number;
    derivedFrom: string;
    isAuthenticated: boolean;
  }[];
}

/** A mail with an attachment that would do harm if a browser showed it. */
const inner = (name: string) =>
  [
    "Content-Type: multipart/mixed; boundary=x",
    "",
    "--x",
    "Content-Type: text/plain",
    "",
    "only the key shows this",
    "--x",
    `Content-Type: text/html; name="${name}"`,
    "Content-Disposition: attachment",
    "Content-Transfer-Encoding: base64",
    "",
    Buffer.from("<script>alert(1)</script>").toString("base64"),
    "--x--",
  ].join("\r\n");

test("an auditor exports the original, what was opened, or both, with digests that link them; single parts are files to keep", async (context) => {
  const folder = testFolder(context);
  const [data, mail] = ["data", "mail"].map((name) => join(folder, name)) as [string, string];
  mkdirSync(mail);
  const opened = encryptedMail("", bob.key.certificate, inner("../evil page.html"));
  const waiting = encryptedMail("someone else's", eve.key.certificate);
  for (const [name, bytes] of Object.entries({ opened, waiting, plain }))
    writeFileSync(join(mail, `${name}.eml`), bytes);
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const key = ["keys", "import", bob.path, "--data", data, "--passphrase-stdin", "--json"];
  assert.equal((await muniment(key, `${bob.passphrase}\n`)).code, 0);
  await munimentJson(["import", mail, "--data", data]);

  const exportAs = async (form: string) => {
    const out = join(folder, form);
    await munimentJson(["export", "*", "--data", data, "--out", out, "--form", form]);
    const lines = readFileSync(join(out, "manifest.jsonl"), "utf8").trim().split("\n");
    const byDigest = new Map(lines.map((line) => JSON.parse(line) as Line).map((line) => [line.sha256, line]));
    const files = readdirSync(out).filter((name) => name.endsWith(".eml"));
    return { out, of: (bytes: Buffer) => byDigest.get(sha256(bytes))!, files };
  };
  const originals = await exportAs("original");
  assert.equal(originals.files.length, 3);
  assert.equal(originals.of(opened).opened, undefined);

  const both = await exportAs("both");
  assert.equal(both.files.length, 4);
  const line = both.of(opened);
  const [entity] = line.opened;
  assert.deepEqual(readFileSync(join(both.out, line.file!)), opened);
  const entityBytes = readFileSync(join(both.out, entity!.file));
  assert.match(entityBytes.toString(), /only the key shows this/);
  assert.equal(sha256(entityBytes), entity!.sha256);
  assert.deepEqual([entity!.derivedFrom, entity!.isAuthenticated], [sha256(opened), false]);
  assert.equal(line.smime?.state, "encrypted-decrypted");
  assert.match(line.smime.key ?? "", /^[0-9a-f]{64}$/);

  const decrypted = await exportAs("decrypted");
  assert.equal(decrypted.files.length, 3);
  assert.equal(decrypted.of(opened).file, null);
  assert.deepEqual(decrypted.of(opened).opened, line.opened);
  // What nothing was opened in is there as it is, with the reason.
  assert.deepEqual(readFileSync(join(decrypted.out, decrypted.of(waiting).file!)), waiting);
  assert.equal(decrypted.of(waiting).smime?.state, "encrypted-no-key");
  assert.deepEqual(readFileSync(join(decrypted.out, decrypted.of(plain).file!)), plain);
  const { kept } = await munimentJson<{ kept: number }>([
    ...["export", "*", "--data", data, "--out", decrypted.out, "--form", "decrypted"],
  ]);
  assert.equal(kept, 3);

  const { id } = (await search(data, "is:encrypted-decrypted")).items[0]!;
  const tokenOf = async (role: string) =>
    (await munimentJson<{ token: string }>(["token", "create", "--role", role, "--data", data])).token;
  const [compliance, auditor] = [await tokenOf("compliance"), await tokenOf("auditor")];
  const ask = (token: string, path: string, body?: object) =>
    fetch(`http://${server.http}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const part = `/messages/${id}/part?path=${encodeURIComponent("/2")}`;
  const file = await ask(compliance, part);
  assert.equal(file.status, 200);
  assert.equal(await file.text(), "<script>alert(1)</script>");
  assert.equal(file.headers.get("content-type"), "application/octet-stream");
  assert.match(
    file.headers.get("content-disposition") ?? "",
    /^attachment; filename="[^"\\/]+\.html"; filename\*=UTF-8''/,
  );
  assert.match(file.headers.get("content-security-policy") ?? "", /^sandbox/);
  assert.equal(file.headers.get("x-content-type-options"), "nosniff");
  assert.equal((await ask(auditor, part)).status, 404);
  assert.equal((await ask(compliance, `/messages/${id}/part?path=9`)).status, 404);
  const begun = { query: "*", messages: 1, form: "decrypted" };
  assert.deepEqual(
    [(await ask(compliance, "/exports", begun)).status, (await ask(auditor, "/exports", begun)).status],
    [201, 403],
  );
  const hidden = (await (await ask(auditor, `/messages/${id}`)).json()) as { entities: unknown[]; hidden: number };
  assert.deepEqual([hidden.entities, hidden.hidden], [[], 1]);
  assert.deepEqual(
    ((await (await ask(auditor, `/messages/${id}/opened`)).json()) as { entities: unknown[] }).entities,
    [],
  );
  await ask(compliance, `/messages/${id}`);

  const { items } = await munimentJson<{ items: { action: string; subjects: string[]; note: string | null }[] }>([
    ...["audit", "list", "--data", data, "--limit", "200"],
  ]);
  const entered = (action: string) => items.filter((entry) => entry.action === action);
  assert.match(entered("keys.import")[0]?.subjects.join() ?? "", /NSS Test CA/);
  assert.deepEqual(
    entered("message.decrypted").map(({ subjects, note }) => [subjects[0], note]),
    [
      [id, null],
      [id, "/2"],
      [id, ""],
      [id, ""],
    ],
  );
  assert.match(
    entered("export.begin")
      .map(({ note }) => note)
      .join(),
    /"form":"decrypted".*"form":"both"/,
  );
});
