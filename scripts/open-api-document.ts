import pino from "pino";
import { type ApiDependencies, createApi } from "#api/index.ts";

/** The OpenAPI document. It does not depend on what the API is built on, so nothing real is built. */
export async function openApiDocument() {
  const inert = new Proxy({}, { get: () => () => undefined });
  const api = await createApi({
    archive: inert as ApiDependencies["archive"],
    fileImports: inert as ApiDependencies["fileImports"],
    backups: inert as ApiDependencies["backups"],
    decryption: inert as ApiDependencies["decryption"],
    access: inert as ApiDependencies["access"],
    audit: inert as ApiDependencies["audit"],
    connectors: inert as ApiDependencies["connectors"],
    collector: inert as ApiDependencies["collector"],
    mail: inert as ApiDependencies["mail"],
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
