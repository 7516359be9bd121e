import assert from "node:assert/strict";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createFileImports } from "#import/index.ts";
import { acme, createKit, other } from "../../../test/api/kit.ts";
import { createSimClock } from "../../../test/api/sim-clock.ts";
import { createSmallArchive } from "../../../test/api/small-archive.ts";
import { testFolder } from "../../../test/support/folder.ts";

const url = "/api/v1/imports";

/** The API on an archive of the test's own, with one allowed folder that has one message in it. */
async function setup(root: string) {
  const folder = join(realpathSync(root), "mail");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.eml"), "From: a@test.example\r\nSubject: a\r\n\r\nx\r\n");
  const clock = createSimClock("2030-01-01T00:00:00Z");
  const archive = createSmallArchive(clock);
  const kept: { name: string; bytes: string; announced: number | null }[] = [];
  const fileImports = createFileImports({
    ...{ sink: archive, clock, folders: [folder], own: "/archive", changed: () => archive.touch(), failed: () => {} },
    uploads: {
      keep: async (_, name, bytes, announced) => {
        const all: Uint8Array[] = [];
        for await (const piece of bytes) all.push(piece);
        kept.push({ name, bytes: Buffer.concat(all).toString(), announced });
        return folder;
      },
      remove: async () => undefined,
    },
  });
  return { kit: await createKit({ archive, fileImports }), folder, kept, fileImports };
}

test("a path in an allowed folder is begun, listed for its tenant alone, and in the audit log", async (context) => {
  const { kit, folder, fileImports } = await setup(testFolder(context));
  await using _ = kit;
  context.after(() => fileImports.stop());
  const payload = { path: folder, type: "eej" };
  const begun = await kit.as("admin", { method: "POST", url: `${url}/paths`, payload });
  assert.equal(begun.statusCode, 202, begun.body);
  const { id, name, from, type } = begun.json();
  assert.deepEqual([name, from, type], [folder, "path", "eej"]);
  const listed = (await kit.as("admin", { url })).json();
  assert.deepEqual([listed.folders, listed.data.map((one: { id: string }) => one.id)], [[folder], [id]]);
  assert.deepEqual((await kit.as("admin", { url }, other)).json().data, []);
  assert.equal((await kit.as("admin", { url: `${url}/${id}/report` })).json().id, id);
  assert.equal((await kit.as("admin", { url: `${url}/${id}/report` }, other)).json().code, "IMPORT-UNKNOWN");
  const entries = await kit.audit.verify(acme, null);
  assert.ok(entries.entries > 0);
  const log = (await kit.as("admin", { url: "/api/v1/audit?action=import.begin" })).json();
  assert.deepEqual(
    log.data.map((entry: { subjects: string[]; note: string }) => [entry.subjects, entry.note]),
    [[[id], `path ${folder}, as eej`]],
  );
});

test("an upload is handed on byte for byte under its plain name", async (context) => {
  const { kit, kept, fileImports } = await setup(testFolder(context));
  await using _ = kit;
  context.after(() => fileImports.stop());
  const headers = { "content-type": "application/octet-stream" };
  const address = `${url}/uploads?name=${encodeURIComponent("../a.eml")}&type=standard`;
  const begun = await kit.as("admin", { method: "POST", url: address, headers, payload: "Subject: a\r\n\r\nx" });
  assert.equal(begun.statusCode, 202, begun.body);
  assert.deepEqual(kept, [{ name: "a.eml", bytes: "Subject: a\r\n\r\nx", announced: 15 }]);
});

const refused: [string, string, object, number, string][] = [
  ["a path elsewhere", "paths", { payload: { path: "/etc", type: "standard" } }, 422, "IMPORT-PATH"],
  ["a path without a type", "paths", { payload: { path: "/etc" } }, 400, "REQUEST-INVALID"],
  ["an upload as JSON", "uploads?name=a&type=eej", { payload: {} }, 415, "REQUEST-MEDIA-TYPE"],
  ["an upload without a body", "uploads?name=a&type=eej", {}, 415, "REQUEST-MEDIA-TYPE"],
  [
    "an upload without a name",
    "uploads?type=eej",
    { headers: { "content-type": "application/octet-stream" }, payload: "x" },
    400,
    "REQUEST-INVALID",
  ],
];
for (const [name, path, more, status, code] of refused) {
  test(`${name} is ${status} ${code}`, async (context) => {
    const { kit } = await setup(testFolder(context));
    await using _ = kit;
    const response = await kit.as("admin", { method: "POST", url: `${url}/${path}`, ...more });
    assert.deepEqual([response.statusCode, response.json().code], [status, code], response.body);
    assert.deepEqual((await kit.as("admin", { url })).json().data, []);
  });
}

test("only who may import sees and begins imports", async (context) => {
  const { kit, folder } = await setup(testFolder(context));
  await using _ = kit;
  const payload = { path: folder, type: "standard" };
  for (const role of ["operator", "compliance", "auditor", "user"] as const) {
    assert.equal((await kit.as(role, { url })).statusCode, 403, role);
    assert.equal((await kit.as(role, { method: "POST", url: `${url}/paths`, payload })).statusCode, 403, role);
  }
});
