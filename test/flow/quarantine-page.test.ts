import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { testBrowser } from "../support/browser.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { type Status, settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

const journal = "one@archive.example";

/** A report without the message it should wrap. */
function broken(number: number): Buffer {
  const lines = ["Sender: a@test.example", "To: b@test.example"];
  const head = ["From: journal@test.example", `Subject: broken ${number}`, "X-MS-Journal-Report:"];
  const type = 'Content-Type: multipart/mixed; boundary="b"';
  return Buffer.from([...head, type, "", "--b", "Content-Type: text/plain", "", ...lines, "--b--", ""].join("\r\n"));
}

async function assertAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
  );
}

test("the quarantine page decides about one and about many, and the audit page shows who did and that nothing was changed", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "eej", journal);
  await sendAll(server.smtpPort, journal, [1, 2, 3, 4].map(broken));
  assert.equal((await settled(data)).quarantined, 4);

  const browser = await testBrowser(context);
  const visit = await browser.newContext({
    reducedMotion: "reduce",
    viewport: { width: 1280, height: 900 },
    acceptDownloads: true,
  });
  const page = await visit.newPage();
  await page.goto(server.claimUrl ?? "");
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Quarantine", exact: true }).click();

  await page.getByText("A journal report without the message it should wrap.").waitFor();
  await page.getByText("4 of 4 items").waitFor();
  await page.getByRole("link", { name: "inner_missing" }).click();
  await page.getByRole("heading", { name: "Items with the reason inner_missing" }).waitFor();
  await assertAccessible(page);
  const rows = page.getByRole("region", { name: /^Items with the reason/ }).getByRole("row");

  const download = page.waitForEvent("download");
  await rows
    .nth(1)
    .getByRole("link", { name: /^Download/ })
    .click();
  assert.match((await download).suggestedFilename(), /^msg_.*\.eml$/);

  await rows
    .nth(1)
    .getByRole("button", { name: /^Retry/ })
    .click();
  await page.getByText("1 item decided: 1 still in quarantine.").waitFor();
  await rows
    .nth(1)
    .getByRole("button", { name: /^Archive as standard/ })
    .click();
  await page.getByText("1 item decided: 1 archived.").waitFor();
  await page.getByText("3 of 3 items").waitFor();

  await rows
    .nth(1)
    .getByRole("button", { name: /^Discard/ })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Discard" }).click();
  await dialog.getByText("Discarding needs a reason.").waitFor();
  await assertAccessible(page);
  await dialog.getByLabel("Reason").fill("sent by mistake");
  await dialog.getByRole("button", { name: "Discard" }).click();
  await page.getByText("2 of 2 items").waitFor();

  await page.getByRole("button", { name: "Archive all as standard with the reason inner_missing" }).click();
  await dialog.getByText("Archive 2 items as standard mail?").waitFor();
  await dialog.getByRole("button", { name: "Archive as standard" }).click();
  await page.getByText("2 items decided: 2 archived.").waitFor();
  await page.getByText("Nothing waits for a decision.").waitFor();
  const { received, archived, quarantined } = await munimentJson<Status>(["status", "--data", data]);
  assert.deepEqual([received, archived, quarantined], [4, 4, 0]);

  await page.getByRole("link", { name: "Audit log" }).click();
  const discarded = page.getByRole("row").filter({ hasText: "discarded from quarantine" });
  await discarded.getByText("maria@example.com").waitFor();
  await discarded.getByText("sent by mistake").waitFor();
  await page.getByRole("row").filter({ hasText: "added a connector" }).getByText("local administrator").waitFor();
  await page.getByRole("row").filter({ hasText: "downloaded a message" }).waitFor();
  await page.getByRole("button", { name: "Verify the log" }).click();
  await page.getByText(/^The log is as it was written: \d+ entries\.$/).waitFor();
  await assertAccessible(page);
  await page.getByLabel("Action").selectOption({ label: "archived from quarantine" });
  await page.getByLabel("Who").fill("maria@example.com");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByText("2 entries shown").waitFor();
  assert.equal(new URL(page.url()).search, "?who=maria%40example.com&action=quarantine.accept");
  await page.getByLabel("From").fill("2040-01-01");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.getByText("No entry fits.").waitFor();

  // Whoever may only look is offered nothing else; the server would refuse it too.
  await page.route("**/api/v1/session", async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { user: { role: string; permissions: string[] } };
    body.user.role = "operator";
    body.user.permissions = ["session", "quarantine:read", "connectors:read"];
    await route.fulfill({ response, json: body });
  });
  await sendAll(server.smtpPort, journal, [broken(9)]);
  assert.equal((await settled(data)).quarantined, 1);
  await page.goto(`${server.http}/services/quarantine`);
  await page.getByText("1 of 1 item").waitFor();
  await page.getByText("You can look; your role (Operator) does not decide.").waitFor();
  assert.equal(await page.getByRole("button", { name: /Retry|Archive|Discard/ }).count(), 0);
  assert.equal(await page.getByRole("link", { name: /Download|Open|Audit log/ }).count(), 0);
  await page.goto(`${server.http}/audit`);
  await page.getByText("You may not see the audit log").waitFor();
  assert.equal(await server.stop(), 0);
});
