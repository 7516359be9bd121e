import type { TestContext } from "node:test";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

// Background features are off: without a way out they fail many times a second and fill the log.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's Chromium, closed when the test ends. */
export async function testBrowser(test: TestContext): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  test.after(() => browser.close());
  return browser;
}

/** Addresses other than `origin` that any page of the context asks for. */
export function requestsElsewhere(context: BrowserContext, origin: string): string[] {
  const elsewhere: string[] = [];
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("about:")) elsewhere.push(url);
  });
  return elsewhere;
}
