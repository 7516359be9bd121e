import { exitCodes } from "../exit-codes.ts";
import { outJson } from "../terminal.ts";
import { numberOption, onArchive, textOption, type Verb } from "../verb.ts";

/** Creates a token for the API and prints it, this once. */
export const createToken: Verb = (call) =>
  onArchive(call, async (client) => {
    const expiresInDays = numberOption(call, "expiresInDays", { least: 1, most: 3650 });
    const label = textOption(call, "label");
    const token = await client.send<{ token: string; expiresAt: string }>("POST", "/tokens", {
      role: textOption(call, "role"),
      ...(label === undefined ? {} : { label }),
      ...(expiresInDays === undefined ? {} : { expiresInDays }),
    });
    if (call.terminal.isJson) await outJson(call.terminal, token);
    else await call.terminal.out(token.token + "\n");
    call.terminal.note(`Keep this token: it is not shown again. It ends ${token.expiresAt}.`);
    return exitCodes.done;
  });
