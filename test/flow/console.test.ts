import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { requestsElsewhere, testBrowser } from "../support/browser.ts";
import { sha256 } from "../support/bytes.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

const columns = [
  "Description",
  "Enabled",
  "Journal Email Address",
  "Hostname / IP",
  "Transport",
  "Type",
  "Processing Queue",
  "POP3 Mailbox Queue",
  "Service Status",
];

const html =
  '<html><head><base href="http://evil.example/"></head><body><h1>Offer <b>17</b></h1><script>window.top.ran = true</script>' +
  '<img src="http://evil.example/pixel.png" onerror="window.top.ran = true"><form action="http://evil.example/"><input></form>' +
  "<style>@import url(http://evil.example/x.css); body { background: url(http://evil.example/y.png) }</style></body></html>";

const inner = [
  "From: Ann Bright <ann@example.com>",
  "To: bob@example.com",
  "Subject: =?utf-8?B?2YXYsdit2KjYpw==?= offer 17",
  "Message-ID: <a1@mail.example.com>",
  "Date: Mon, 02 Nov 2026 09:00:00 +0100",
  "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8",
  "",
  html,
  "",
].join("\r\n");

const report = [
  "From: Ann Bright <ann@example.com>",
  "To: bob@example.com",
  "Sender: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.onmicrosoft.com>",
  "Subject: offer 17",
  "Message-ID: <11111111-2222-3333-4444-555555555555@journal.report.generator>",
  "X-MS-Journal-Report:",
  'Content-Type: multipart/mixed; boundary="_b_"',
  "",
  "--_b_",
  "Content-Type: text/plain; charset=us-ascii",
  "",
  "Sender: ann@example.com",
  "Subject: offer 17",
  "Message-Id: <a1@mail.example.com>",
  "To: bob@example.com",
  "Bcc: eve@example.com",
  "",
  "--_b_",
  "Content-Type: message/rfc822",
  "",
  `${inner}\r\n--_b_--`,
  "",
].join("\r\n");

async function assertAccessible(page: Page, where: string): Promise<void> {
  // Frames of mail are left out: axe cannot run in them, which is what they are for.
  const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
    where,
  );
}

test("an administrator claims, adds a connector, watches it come alive, searches and reads", async (context) => {
  const folder = testFolder(context);
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const browser = await testBrowser(context);
  const origin = `http://${server.http}`;
  const visit = await browser.newContext({
    reducedMotion: "reduce",
    acceptDownloads: true,
    viewport: { width: 1600, height: 900 },
    timezoneId: "Europe/Berlin",
  });
  const elsewhere = requestsElsewhere(visit, origin);
  const page = await visit.newPage();

  await page.goto(server.claimUrl ?? "");
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await assertAccessible(page, "claim");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Services | Journaling" }).first().click();

  await page.getByRole("link", { name: "New connector" }).first().click();
  await page.getByLabel("Description").fill("Exchange journal");
  await page.getByLabel("Journal Email Address").fill("j-1@archive.example");
  await assertAccessible(page, "new connector");
  await page.getByRole("button", { name: "Create connector" }).click();
  await page.getByText("Connector created").waitFor();
  await page.goto(`${origin}/services/journaling`);
  const row = page.getByRole("row").filter({ hasText: "Exchange journal" });
  await row.getByText("Awaiting initial run").waitFor();
  const headers = (await page.getByRole("columnheader").allInnerTexts()).map((text) =>
    text.trim().split("\n")[0]?.trim(),
  );
  assert.deepEqual(headers.slice(0, 9), columns);
  const cells = await row.getByRole("cell").allInnerTexts();
  assert.ok(cells.some((text) => text.includes("Exchange Envelope Journaling (EEJ)")));
  assert.ok(
    cells.some((text) => text.trim() === "n/a"),
    "POP3 Mailbox Queue of an SMTP connector",
  );
  await assertAccessible(page, "journaling");

  // No reload between here and the new status: the page lives.
  await sendAll(server.smtpPort, "j-1@archive.example", [Buffer.from(report)]);
  await row.getByText("Running", { exact: true }).waitFor({ timeout: 15_000 });
  await settled(data);

  await page.getByRole("link", { name: "Archive search" }).first().click();
  const bar = page.getByRole("searchbox", { name: "Search the archive" });
  await bar.fill("recipient:eve after:2026-11-01");
  await bar.press("Enter");
  await page.getByText("Read as:").waitFor();
  await page.getByText("index covers 1 of 1 message").first().waitFor();
  assert.match(await page.locator("main").innerText(), /2026-11-01.*(\+01:00|CET|GMT\+1)/s);
  assert.equal(new URL(page.url()).searchParams.get("q"), "recipient:eve after:2026-11-01");
  await assertAccessible(page, "search");
  await bar.fill("after:01/04/2026");
  await bar.press("Enter");
  await page.getByText("This search cannot be read").waitFor();
  await bar.fill("to:eve@example.com");
  await bar.press("Enter");
  await page.getByText("No message matches").waitFor();
  await bar.fill("offer");
  await bar.press("Enter");
  await page
    .getByRole("link", { name: /offer 17/ })
    .first()
    .click();

  await page.getByText(/Verified at/).waitFor();
  const frame = page.frameLocator('iframe[title="Message body"]');
  await frame.getByRole("heading", { name: "Offer 17" }).waitFor();
  assert.equal(await page.locator('iframe[title="Message body"]').getAttribute("sandbox"), "");
  assert.equal(await page.evaluate(() => "ran" in globalThis), false);
  await assertAccessible(page, "message");
  await page.getByRole("tab", { name: "Recipients" }).click();
  await page.getByText("Envelope and header differ").waitFor();
  const eve = page.getByRole("row").filter({ hasText: "eve@example.com" });
  assert.match(await eve.innerText(), /envelope only/i);
  await assertAccessible(page, "recipients");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download original (.eml)" }).click();
  const path = await (await download).path();
  assert.equal(sha256(readFileSync(path)), sha256(inner));
  assert.deepEqual(elsewhere, [], "no page asks anyone but the server");

  const claimAgain = await visit.newPage();
  await claimAgain.goto(server.claimUrl ?? "");
  await claimAgain.reload();
  await claimAgain.getByText("This link was used or has expired").waitFor();
  const setup = await fetch(`${origin}/api/v1/claim`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      token: (server.claimUrl ?? "").split("#")[1],
      email: "x@example.com",
      passphrase: "twelve characters",
    }),
  });
  assert.ok([404, 410].includes(setup.status));
  assert.equal(await server.stop(), 0);
  const { code } = await muniment(["verify", "--data", data]);
  assert.equal(code, 0);
});
