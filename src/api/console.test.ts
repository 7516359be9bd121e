import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createKit } from "../../test/api/kit.ts";

async function withConsole() {
  const directory = await mkdtemp(join(tmpdir(), "console-"));
  await mkdir(join(directory, "assets"));
  await writeFile(join(directory, "index.html"), "<!doctype html><title>Muniment</title>");
  await writeFile(join(directory, "assets", "app-1.js"), "void 0;");
  const kit = await createKit({ consoleDirectory: directory });
  return {
    kit,
    async [Symbol.asyncDispose]() {
      await kit.api.close();
      await rm(directory, { recursive: true });
    },
  };
}

const html = { accept: "text/html,application/xhtml+xml" };
const cases: [string, object, number, string | RegExp, string?][] = [
  ["the start page", { url: "/", headers: html }, 200, /Muniment/, "no-cache"],
  ["a page of the console", { url: "/messages/msg_1", headers: html }, 200, /Muniment/, "no-cache"],
  ["a claim link", { url: "/claim?token=x", headers: html }, 200, /Muniment/, "no-cache"],
  ["an asset", { url: "/assets/app-1.js" }, 200, "void 0;", "public, max-age=31536000, immutable"],
  ["an asset that is gone", { url: "/assets/app-0.js", headers: { accept: "*/*" } }, 404, /ROUTE-UNKNOWN/],
  ["an unknown API route asked for by a browser", { url: "/api/v1/nothing", headers: html }, 404, /ROUTE-UNKNOWN/],
  ["/api itself", { url: "/api", headers: html }, 404, /ROUTE-UNKNOWN/],
  ["a form sent to a page", { method: "POST", url: "/messages", headers: html }, 404, /ROUTE-UNKNOWN/],
  ["a way out of the folder", { url: "/assets/..%2f..%2fetc%2fpasswd" }, 404, /ROUTE-UNKNOWN/],
];
for (const [name, request, status, body, cache] of cases) {
  test(`${name} is answered with ${status}`, async () => {
    await using served = await withConsole();
    const response = await served.kit.api.inject(request);
    assert.equal(response.statusCode, status, response.body);
    assert.match(response.body, body instanceof RegExp ? body : new RegExp(body));
    if (status >= 400) assert.match(String(response.headers["content-type"]), /^application\/problem\+json/);
    if (cache !== undefined) assert.equal(response.headers["cache-control"], cache);
    assert.match(String(response.headers["content-security-policy"]), /script-src 'self'/);
  });
}

test("no route of the console is closed by mistake, and the API's stay closed", async () => {
  await using served = await withConsole();
  assert.deepEqual(
    served.kit.api.routeTable.filter(({ access }) => access === "nobody"),
    [],
  );
  assert.equal((await served.kit.api.inject({ url: "/api/v1/status", headers: html })).statusCode, 401);
});
