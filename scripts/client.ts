/**
 * Writes the console's API client from the OpenAPI document: `node --conditions=source scripts/client.ts`.
 *
 * With `--check` it writes nothing and exits 1 when the file is not what it would write.
 */
import { readFile, writeFile } from "node:fs/promises";
import pino from "pino";
import { type ApiDependencies, createApi } from "#api/index.ts";
import { clientSource } from "./client-source.ts";

const target = new URL("../console/src/api.generated.ts", import.meta.url);

const source = clientSource(await openApiDocument());
if (process.argv.includes("--check")) {
  const current = await readFile(target, "utf8").catch(() => "");
  if (current !== source) {
    console.error("console/src/api.generated.ts is not what the API says; run: npm run client");
    process.exitCode = 1;
  }
} else {
  await writeFile(target, source);
}

/** The document does not depend on what the API is built on, so nothing real is built. */
async function openApiDocument() {
  const inert = new Proxy({}, { get: () => () => undefined });
  const api = await createApi({
    archive: inert as ApiDependencies["archive"],
    access: inert as ApiDependencies["access"],
    connectors: inert as ApiDependencies["connectors"],
    clock: inert as ApiDependencies["clock"],
    entropy: { bytes: (count) => Buffer.alloc(count) },
    logger: pino({ level: "silent" }),
    isLocal: () => false,
    isReady: () => false,
    isHttps: false,
    consoleDirectory: null,
    version: "1",
  });
  const document = api.swagger();
  await api.close();
  return document;
}
