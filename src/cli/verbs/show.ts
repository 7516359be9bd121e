import type { ShownMessage } from "#archive/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { outShown } from "../shown-text.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";

/** Shows everything understood of one message. */
export const show: Verb = (call) =>
  onArchive(call, async (client) => {
    const id = encodeURIComponent(call.args[0] ?? "");
    const shown = await client.get<ShownMessage>(`/messages/${id}/reading`);
    if (call.terminal.isJson) await outJson(call.terminal, shown);
    else await outShown(call.terminal, shown);
    return exitCodes.done;
  });
