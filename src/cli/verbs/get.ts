import { checkedDownload } from "../checked-download.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { numberOption, onArchive, type Verb } from "../verb.ts";

/** Writes a message, or the journal report that brought it, to standard output, exactly as it was received. */
export const get: Verb = async (call) => {
  const id = call.args[0] ?? "";
  const receipt = numberOption(call, "receipt", { least: 0, most: 1_000_000_000 });
  const isReport = call.options.report === true;
  if (receipt !== undefined && !isReport) throw usageFailure("--receipt chooses a report; it needs --report");
  const what = !isReport ? "raw" : receipt === undefined ? "report" : `report?receipt=${receipt}`;
  return onArchive(call, async (client) => {
    const download = await client.download(`/messages/${encodeURIComponent(id)}/${what}`);
    for await (const piece of checkedDownload(download, id)) await call.terminal.out(piece);
    return exitCodes.done;
  });
};
