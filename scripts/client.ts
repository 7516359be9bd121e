/**
 * Writes the console's API client from the OpenAPI document: `node --conditions=source scripts/client.ts`.
 *
 * With `--check` it writes nothing and exits 1 when the file is not what it would write.
 */
import { clientSource } from "./client-source.ts";
import { openApiDocument } from "./open-api-document.ts";
import { writeOrCheck } from "./write-or-check.ts";

await writeOrCheck("console/src/api.generated.ts", clientSource(await openApiDocument()), "npm run client");
