import { test } from "node:test";
import { testFolder } from "../support/folder.ts";
import { postfixRun } from "./postfix-run.ts";

// `npm run soak -- postfix` sends a thousand, with our server away for a minute.
test("Postfix, set up from the printed recipe, journals mail with Bcc recipients; each is found, and a stop of our server loses none", {
  timeout: 120_000,
}, async (context) => {
  await postfixRun(testFolder(context), 100, 0);
});
