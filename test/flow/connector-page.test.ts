import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { testBrowser } from "../support/browser.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, settled, startServer } from "../support/server.ts";
import { SmtpClient } from "../support/smtp-client.ts";

const journal = "one@archive.example";

test("the page of a connector shows who was turned away, lets them in, and tells the other side what to do", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const { id } = await addConnector(data, "standard", journal);
  await munimentJson(["connectors", "edit", id, "--permit", "192.0.2.0/24", "--sub-address", "on", "--data", data]);
  const client = await SmtpClient.open(server.smtpPort);
  await client.say("MAIL FROM:<a@b.test>");
  assert.match(await client.say(`RCPT TO:<${journal}>`), /^451 4\.7\.1 /);

  const browser = await testBrowser(context);
  const visit = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await visit.newPage();
  await page.goto(server.claimUrl ?? "");
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Services | Journaling" }).first().click();
  await page.getByRole("link", { name: `standard ${journal}` }).click();

  const line = page.getByRole("row").filter({ hasText: "not on the list of permitted addresses" });
  await line.getByText("127.0.0.1").waitFor();
  await line.getByText("test.example").waitFor();
  await page.getByText(`127.0.0.1, TCP port ${server.smtpPort}`).waitFor();
  await page.getByLabel("What runs your mail?").selectOption({ label: "Postfix" });
  await page.getByText("Fidelity A").waitFor();
  await page.getByText("recipient_bcc_maps = regexp:").waitFor();
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`),
    [],
  );

  await line.getByRole("button", { name: "Allow this: 127.0.0.1" }).click();
  await client.say("RSET");
  // The click has been answered once the connector's list has the address.
  for (;;) {
    const connectors = await munimentJson<{ smtp: { permitted: string[] } }[]>(["connectors", "list", "--data", data]);
    if (connectors[0]?.smtp.permitted.includes("127.0.0.1")) break;
  }
  const inTwoDays = new Date(Date.now() + 2 * 24 * 60 * 60 * 1000).toUTCString();
  const mail = Buffer.from(`Received: by mx.example; ${inTwoDays}\r\nSubject: in\r\n\r\nx\r\n`);
  assert.match(await client.send(journal, mail), /^250 /);
  await client.quit();
  await settled(data);
  await page.reload();
  await page.getByText("The last mail came without an envelope: only the header is known").waitFor();
  await page.getByText(/^The clock of test\.example is 2,8\d\d min ahead$/).waitFor();
  await page.getByText("No mail is held for its age.").waitFor();
  assert.equal(await server.stop(), 0);
});
