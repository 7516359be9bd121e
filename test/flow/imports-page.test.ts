import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { testFolder } from "../support/folder.ts";
import { munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";

const mail = (name: string) =>
  `From: a@test.example\r\nSubject: ${name}\r\nDate: Thu, 1 Jan 1998 00:00:00 +0000\r\n\r\nx\r\n`;
const mbox = ["one", "two"].map((name) => `From a@test.example Thu Jan  1 00:00:00 1998\n${mail(name)}\n`).join("");

async function assertAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
  );
}

test("the import page takes uploads and paths of the server, and reports what became of them", async (context) => {
  const folder = testFolder(context);
  const [data, allowed] = ["data", "allowed"].map((name) => join(folder, name)) as [string, string];
  await munimentJson(["init", "--data", data, "--no-input"]);
  mkdirSync(allowed);
  writeFileSync(join(allowed, "three.eml"), mail("three"));
  writeFileSync(join(allowed, "damaged.zip"), Buffer.from("PK\u0003\u0004 and no more of it"));
  writeFileSync(join(folder, "two.mbox"), mbox);
  const server = await startServer(data, "--import-folder", allowed);
  context.after(() => server.kill());
  const browser = await testBrowser(context);
  const visit = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 1100 } });
  const page = await visit.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(server.claimUrl ?? "");
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Import", exact: true }).click();
  await page.getByText("No import so far.").waitFor();

  const chosen = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Files" }).click();
  await (await chosen).setFiles(join(folder, "two.mbox"));
  await page.getByRole("button", { name: "Upload and import" }).click();
  await page.getByText("1 file uploaded.").waitFor();
  const uploaded = page.getByRole("row").filter({ hasText: "two.mbox" });
  await uploaded.getByText("Done").waitFor();
  await page.getByRole("button", { name: "Show the report of two.mbox" }).click();
  const sources = page.getByRole("region", { name: /^By source/ });
  await sources.getByRole("row", { name: "two.mbox 2 2 0 0 0 mbox" }).waitFor();
  const uploads = join(data, "run", "uploads");
  assert.deepEqual(existsSync(uploads) ? readdirSync(uploads) : [], [], "what was uploaded is gone");

  await page.getByLabel("Path on the server").fill(join(folder, "two.mbox"));
  await page.getByRole("button", { name: "Import path" }).click();
  await page.getByText("IMPORT-PATH").waitFor();
  await page.getByLabel("Path on the server").fill(allowed);
  await page.getByRole("button", { name: "Import path" }).click();
  const read = page.getByRole("row").filter({ hasText: "on the server" });
  await read.getByText("Done").waitFor();
  await page.getByRole("button", { name: `Show the report of ${allowed}` }).click();
  await sources.getByRole("row", { name: `${allowed} 1 1 0 0 0` }).waitFor();
  await page.getByRole("heading", { name: "Could not be read" }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "damaged.zip" }).waitFor();
  await assertAccessible(page);
  await shot(page);

  const { archived, held } = await settled(data);
  assert.deepEqual([archived, held], [3, 0], "no age rule");
  const found = await munimentJson<{ total: number }>(["search", "is:imported", "--data", data]);
  assert.equal(found.total, 3, "marked as imported");
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.getByRole("row").filter({ hasText: "began an import" }).filter({ hasText: "two.mbox" }).waitFor();
  await page.getByRole("row").filter({ hasText: "began an import" }).filter({ hasText: allowed }).waitFor();
  assert.equal(await server.stop(), 0);
});

/** Pictures in both themes, where somebody wants to look at them. */
async function shot(page: Page): Promise<void> {
  const folder = process.env.MUNIMENT_SHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `imports-${colorScheme}.png`), fullPage: true });
  }
}
