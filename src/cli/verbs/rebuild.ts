import { exitCodes } from "../exit-codes.ts";
import { createProgress } from "../progress.ts";
import { passphraseOption } from "../settings.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

/** Builds the search index anew from the catalogue and the packs. */
export const rebuildSearch: Verb = (call) =>
  onArchive(call, async (client) => {
    const result = await workResult<{ messages: number }>(client, "/search/rebuild", call.terminal, "rebuild");
    if (call.terminal.isJson) await outJson(call.terminal, result);
    else await call.terminal.out(`${result.messages} messages are searchable\n`);
    return exitCodes.done;
  });

/** Builds the catalogue anew from packs and keys alone. No other process may have the archive open. */
export const rebuildCatalogue: Verb = async ({ settings, terminal, load }) => {
  const server = await load();
  const progress = createProgress(terminal, "rebuild");
  try {
    const result = await server.rebuildCatalogue({
      data: settings.data,
      ...passphraseOption(settings),
      report: (step) => progress.show(step),
    });
    await outJson(terminal, result);
    if (result.lost.length > 0)
      terminal.warn(
        `${result.lost.length} messages lie in no pack that could be read; restore their packs and rebuild again`,
      );
    return result.unreadable.length > 0 || result.lost.length > 0 ? exitCodes.partly : exitCodes.done;
  } finally {
    progress.end();
  }
};
