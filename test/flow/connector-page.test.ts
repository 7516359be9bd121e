import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { testBrowser } from "../support/browser.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, munimentJson, startServer } from "../support/server.ts";
import { settled } from "../support/settled.ts";
import { SmtpClient } from "../support/smtp-client.ts";

const journal = "one@archive.example";

/** A page of the connectors, opened by the first administrator. */
async function signedIn(context: TestContext, claimUrl: string) {
  const browser = await testBrowser(context);
  const visit = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 } });
  const page = await visit.newPage();
  await page.goto(claimUrl);
  await page.getByLabel("E-mail").fill("maria@example.com");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Services | Journaling" }).first().click();
  return page;
}

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

  const page = await signedIn(context, server.claimUrl ?? "");
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

test("a mailbox with a login by access token is made in the form, and a test mail is waited for on the page", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.stop());
  const { id: pushed } = await addConnector(data, "standard", journal);
  const page = await signedIn(context, server.claimUrl ?? "");
  await page.getByRole("link", { name: "New connector" }).first().click();
  await page.getByLabel("Description").fill("Microsoft 365");
  await page.getByLabel("Journal Email Address").fill("m365@archive.example");
  await page.getByLabel(/^POP3:/).check();
  await page.getByLabel("Hostname / IP").fill("outlook.office365.com");
  await page.getByLabel("User name").fill("m365@example.com");
  await page.getByLabel("Log in by").selectOption("oauth");
  await page.getByLabel("Token endpoint").fill("https://login.microsoftonline.com/t/oauth2/v2.0/token");
  await page.getByLabel("Grant").selectOption("refresh-token");
  await page.getByLabel("Client id").fill("app-1");
  await page.getByRole("button", { name: "Create connector" }).click();
  await page.getByText("Give the Refresh token.").waitFor();
  await page.getByRole("textbox", { name: "Refresh token" }).fill("telling-refresh-token");
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`),
    [],
  );
  await page.getByRole("button", { name: "Create connector" }).click();
  await page.getByRole("heading", { name: "Microsoft 365" }).waitFor();
  const all = await munimentJson<{ id: string; pop3: { oauth: object } | null }[]>([
    "connectors",
    "list",
    "--data",
    data,
  ]);
  assert.ok(!JSON.stringify(all).includes("telling"));
  assert.deepEqual(all.find(({ pop3 }) => pop3 !== null)?.pop3?.oauth, {
    ...{ grant: "refresh-token", tokenEndpoint: "https://login.microsoftonline.com/t/oauth2/v2.0/token" },
    ...{ clientId: "app-1", scope: "https://outlook.office.com/POP.AccessAsUser.All offline_access" },
  });
  assert.notEqual(
    all.find(({ id }) => id === pushed),
    undefined,
  );

  await page.getByRole("link", { name: "Services | Journaling" }).first().click();
  await page.getByRole("link", { name: `standard ${journal}` }).click();
  await page.getByRole("button", { name: "Test, and wait for a mail from outside" }).click();
  const word = await page.getByText(/^canary[0-9a-z]{16}$/).innerText();
  const client = await SmtpClient.open(server.smtpPort);
  assert.match(await client.send(journal, Buffer.from(`Subject: ${word}\r\n\r\nx\r\n`)), /^250 /);
  await client.quit();
  await page.getByText("Mail from outside: passed").waitFor();
  await page.getByText(/^taken after \d+\.\d s, archived after/).waitFor();
});
