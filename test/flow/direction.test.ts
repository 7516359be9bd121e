import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSound, search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

/** A report of a mail whose header shows a list where the envelope has a recipient elsewhere. */
function report(number: number, sender: string, recipient: string): string {
  return [
    "From: journal@test.example",
    "X-MS-Journal-Report:",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    `Sender: ${sender}`,
    `Message-ID: <${number}@test.example>`,
    `Recipient: ${recipient}`,
    "--b",
    "Content-Type: message/rfc822",
    "",
    `From: ${sender}`,
    "To: everybody@test.example",
    `Message-ID: <${number}@test.example>`,
    "",
    `mail ${number}`,
    "--b--",
    "",
  ].join("\r\n");
}

const directions = ["internal", "inbound", "outbound", "other"];

test("own domains give archived and new mail its direction, and other domains another", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  const mail = join(folder, "mail");
  mkdirSync(mail);
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    const take = async (number: number, sender: string, recipient: string) => {
      writeFileSync(join(mail, `${number}.eml`), report(number, sender, recipient));
      await munimentJson(["import", mail, "--type", "eej", "--data", data]);
      await settled(data);
    };
    const counts = () => Promise.all(directions.map(async (word) => (await search(data, `direction:${word}`)).total));
    await take(1, "ann@test.example", "bob@test.example");
    await take(2, "ann@test.example", "zoe@elsewhere.example");
    await take(3, "zoe@elsewhere.example", "bob@test.example");
    assert.deepEqual(await counts(), [0, 0, 0, 0]);

    const set = (...domains: string[]) =>
      munimentJson<{ domains: string[]; messages: number }>(["domains", "set", ...domains, "--data", data]);
    assert.deepEqual(await set("Test.example"), { domains: ["test.example"], messages: 3 });
    assert.deepEqual(await counts(), [1, 1, 1, 0]);
    await take(4, "yan@elsewhere.example", "zoe@elsewhere.example");
    assert.deepEqual(await counts(), [1, 1, 1, 1]);
    const [outbound] = (await search(data, "direction:outbound")).items;
    const shown = await munimentJson<{ direction: string }>(["show", outbound!.id, "--data", data]);
    assert.equal(shown.direction, "outbound");

    assert.equal((await set("elsewhere.example", "test.example")).messages, 4);
    assert.deepEqual(await counts(), [4, 0, 0, 0]);
    assert.deepEqual(await munimentJson(["domains", "list", "--data", data]), {
      domains: ["elsewhere.example", "test.example"],
    });
    const refused = await muniment(["domains", "set", "not a domain", "--data", data]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /DOMAIN-MALFORMED/);
    assert.deepEqual(await counts(), [4, 0, 0, 0]);
    await assertSound(data);
  } finally {
    await server.stop();
  }
});
