import assert from "node:assert/strict";
import { test } from "node:test";
import type { Found } from "./found.ts";
import { asUploaded, plainUploadName } from "./upload-names.ts";

test("the name of an upload is one that stays in its folder and keeps its ending", () => {
  assert.equal(plainUploadName("mail.mbox"), "mail.mbox");
  assert.equal(plainUploadName("../../etc/passwd"), "passwd");
  assert.equal(plainUploadName("C:\\Users\\Anna\\mail.pst"), "mail.pst");
  assert.equal(plainUploadName("a\0b\nc.eml"), "a_b_c.eml");
  for (const name of ["", ".", "..", "folder/"]) assert.equal(plainUploadName(name), "upload", name);
  const long = plainUploadName(`${"ä".repeat(400)}.zip`);
  assert.ok(Buffer.byteLength(long) <= 200 && long.endsWith("ä.zip"), long);
});

const folder = "/data/run/uploads/imp_1";
const message = (path: string, more: object = {}): Found => ({
  ...{ kind: "message", source: path, label: `${path}: a.eml`, sourceKey: "of the path", folder: "inbox", owner: null },
  ...{ unquoted: null, length: 1, isRepeatable: true, bytes: async function* () {} },
  ...more,
});

test("nothing tells where an upload was kept, and its key is the same wherever that was", () => {
  const one = asUploaded(message(`${folder}/m.zip`), folder, "m.zip");
  const elsewhere = asUploaded(message("/b/imp_2/m.zip"), "/b/imp_2", "m.zip");
  assert.ok(one.kind === "message" && elsewhere.kind === "message");
  assert.deepEqual([one.source, one.label, one.folder], ["m.zip", "m.zip: a.eml", "inbox"]);
  assert.equal(one.sourceKey, elsewhere.sourceKey);
  assert.notEqual(one.sourceKey, "of the path");
  const single = asUploaded(message(folder, { label: `${folder}/a.eml`, folder }), folder, "a.eml");
  assert.ok(single.kind === "message");
  assert.deepEqual([single.source, single.label, single.folder], ["a.eml", "a.eml", null]);
  assert.notEqual(single.sourceKey, one.sourceKey);
  const broken: Found = { kind: "unreadable", source: `${folder}/m.zip`, label: `${folder}/m.zip`, reason: "damaged" };
  assert.deepEqual(asUploaded(broken, folder, "m.zip"), { ...broken, source: "m.zip", label: "m.zip" });
});
