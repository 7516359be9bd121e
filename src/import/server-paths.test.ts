import assert from "node:assert/strict";
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { testFolder } from "../../test/support/folder.ts";
import { allowedPath } from "./server-paths.ts";

function places(context: TestContext) {
  const root = realpathSync(testFolder(context));
  const [mail, mailbox, secret, own] = ["mail", "mail-other", "secret", "mail/archive"].map((name) => join(root, name));
  for (const folder of [mail, mailbox, secret, own]) mkdirSync(folder!, { recursive: true });
  for (const folder of [mail, mailbox, secret]) writeFileSync(join(folder!, "a.eml"), "Subject: a\r\n\r\n");
  mkdirSync(join(mail!, "sub"));
  symlinkSync(secret!, join(mail!, "way-out"));
  symlinkSync(join(mail!, "sub"), join(mail!, "way-in"));
  symlinkSync(mail!, join(root, "link"));
  return { root, mail: mail!, other: mailbox!, secret: secret!, own: own! };
}

test("a path in an allowed folder is taken, and told by its real path", async (context) => {
  const { root, mail } = places(context);
  const own = join(root, "elsewhere");
  assert.equal(await allowedPath(join(mail, "a.eml"), [mail], own), join(mail, "a.eml"));
  assert.equal(await allowedPath(`${mail}/`, [mail], own), mail);
  assert.equal(await allowedPath(join(mail, "way-in"), [`${mail}/`], own), join(mail, "sub"));
  const link = join(root, "link");
  assert.equal(await allowedPath(join(link, "a.eml"), [link], own), join(mail, "a.eml"));
  assert.equal(await allowedPath(join(mail, "a.eml"), ["/"], own), join(mail, "a.eml"));
});

const refusals: [string, (at: ReturnType<typeof places>) => string, RegExp][] = [
  ["a relative path", () => "mail/a.eml", /must be absolute/],
  ["a step upwards", ({ mail }) => `${mail}/../secret/a.eml`, /no \. or \.\./],
  ["a step upwards that stays inside", ({ mail }) => `${mail}/sub/../a.eml`, /no \. or \.\./],
  ["a NUL", ({ mail }) => `${mail}/a.eml\0`, /must be absolute/],
  ["another folder", ({ secret }) => join(secret, "a.eml"), /in no folder/],
  ["what is outside, there or not", ({ root }) => join(root, "not-there"), /in no folder/],
  ["a folder whose name begins the same", ({ other }) => join(other, "a.eml"), /in no folder/],
  ["a symbolic link that leads out", ({ mail }) => join(mail, "way-out"), /leads out/],
  ["what is behind one", ({ mail }) => join(mail, "way-out", "a.eml"), /leads out/],
  ["what is not there", ({ mail }) => join(mail, "b.eml"), /no such file/],
  ["the archive's own folder", ({ own }) => own, /archive's own folder/],
  ["what has the archive's own folder in it", ({ mail }) => mail, /archive's own folder/],
];
for (const [name, path, reason] of refusals) {
  test(`${name} is refused`, async (context) => {
    const at = places(context);
    await assert.rejects(allowedPath(path(at), [at.mail], at.own), { code: "IMPORT-PATH", message: reason });
  });
}

test("without an allowed folder every path is refused, with how to allow one", async (context) => {
  const { mail, own } = places(context);
  await assert.rejects(allowedPath(mail, [], own), { code: "IMPORT-PATH", message: /--import-folder/ });
});
