import { exitCodes } from "../exit-codes.ts";
import { passphraseOption } from "../settings.ts";
import type { Terminal } from "../terminal.ts";
import type { Verb } from "../verb.ts";

/** Shows how a pack file is built, without the mail in it. */
export const inspectPack: Verb = async ({ args, settings, terminal, load }) => {
  const server = await load();
  return outDocument(
    terminal,
    await server.inspectPack(args[0] ?? "", { data: settings.data, ...passphraseOption(settings) }),
  );
};

/** Shows what waits on the spool, without the mail in it. */
export const inspectSpool: Verb = async ({ settings, terminal, load }) => {
  const server = await load();
  return outDocument(terminal, await server.inspectSpool({ data: settings.data, ...passphraseOption(settings) }));
};

async function outDocument(terminal: Terminal, document: object) {
  await terminal.out(JSON.stringify(document, null, terminal.isJson ? undefined : 2) + "\n");
  return exitCodes.done;
}
