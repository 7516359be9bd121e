import pino from "pino";
import { type ApiDependencies, createApi } from "#api/index.ts";

/** The OpenAPI document. It does not depend on what the API is built on, so nothing real is built. */
export async function openApiDocument() {
  const inert = new Proxy({}, { get: () => () => undefined });
  const api = await createApi({
    archive: inert as ApiDependencies["archive"],
    quarantine: inert as ApiDependencies["quarantine"],
    audit: inert as ApiDependencies["audit"],
    backups: inert as ApiDependencies["backups"],
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
