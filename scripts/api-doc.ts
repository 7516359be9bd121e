/**
 * Writes docs/api.md from the OpenAPI document: `node --conditions=source scripts/api-doc.ts`.
 *
 * With `--check` it writes nothing and exits 1 when the file is not what it would write.
 */
import { apiPage } from "./api-page.ts";
import { openApiDocument } from "./open-api-document.ts";
import { writeOrCheck } from "./write-or-check.ts";

const command = "node --conditions=source scripts/api-doc.ts";
await writeOrCheck("docs/api.md", apiPage(await openApiDocument()), command);
