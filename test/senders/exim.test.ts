import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { eximRun } from "./exim-run.ts";

// Exim starts a process and syncs its own queue for every message; `npm run soak -- exim` sends a thousand.
test("Exim delivers messages of the corpus by BDAT, byte for byte", { timeout: 120_000 }, async (context) => {
  await eximRun(testFolder(context), 40);
});
