import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

// Takes the pictures of the console that the documents show, from the demo's own mail: npm run pictures -- [FOLDER].
const root = join(import.meta.dirname, "..");
const folder = process.argv[2] ?? join(root, "docs", "images");
mkdirSync(folder, { recursive: true });
const data = join(mkdtempSync(join(tmpdir(), "muniment-pictures-")), "demo");
const demo = spawn(
  join(root, "bin/muniment"),
  ["demo", "--data", data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"],
  {
    stdio: ["ignore", "pipe", "inherit"],
  },
);
let claim = "";
for await (const line of createInterface({ input: demo.stdout })) {
  claim = /http:\/\/\S+\/claim#\S+/.exec(line)?.[0] ?? claim;
  if (line.includes("FIRST MESSAGE ARCHIVED")) break;
}
demo.stdout.resume();

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const origin = new URL(claim).origin;
  const page = await browser.newPage({ viewport: { width: 1700, height: 760 } });
  await page.goto(claim);
  await page.getByLabel("E-mail").fill("maria@harbour.example");
  await page.getByLabel("Passphrase", { exact: true }).fill("four unrelated words here");
  await page.getByLabel("Passphrase again").fill("four unrelated words here");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("link", { name: "Services | Journaling" }).first().waitFor();
  for (const scheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    const suffix = scheme === "light" ? "" : "-dark";
    const shots: [string, string, () => Promise<unknown>][] = [
      ["overview", "/", () => page.getByRole("heading", { level: 1 }).first().waitFor()],
      [
        "journaling",
        "/services/journaling",
        () =>
          page
            .getByText(/^Running/)
            .first()
            .waitFor(),
      ],
      ["search", "/search?q=contract", () => page.getByText("Read as:").waitFor()],
      ["search-all", "/search?q=*", () => page.getByText("Read as:").waitFor()],
    ];
    for (const [name, path, ready] of shots) {
      await page.goto(origin + path);
      await ready();
      await page.screenshot({ path: join(folder, `${name}${suffix}.png`) });
    }
    await page.locator('main a[href^="/messages/"]').first().click();
    await page.getByText(/Verified at/).waitFor();
    await page.getByRole("tab", { name: "Recipients" }).click();
    await page.screenshot({ path: join(folder, `message${suffix}.png`) });
  }
} finally {
  await browser.close();
  demo.kill("SIGINT");
}
