import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { addressText, passphraseOption } from "../settings.ts";
import { outJson } from "../terminal.ts";
import type { Verb } from "../verb.ts";

/** Creates an archive and prints the link with which its first administrator claims it. */
export const init: Verb = async ({ settings, terminal, load }) => {
  const { data, http, tenant } = settings;
  if (http === null) throw usageFailure("--http is off; name the address at which the console will be reached");
  const { initArchive } = await load();
  const { created, claimUrl, isKeyProtected } = await initArchive({
    data,
    http: addressText(http),
    ...(tenant === null ? {} : { tenant }),
    ...passphraseOption(settings),
  });
  if (created && !isKeyProtected) {
    terminal.note(`The key of ${data} is kept in a file that only you can read, without a passphrase.`);
  }
  if (terminal.isJson) await outJson(terminal, { claimUrl, created, data });
  else
    await terminal.out(
      `${created ? "created" : "already there"}\t${data}\n${claimUrl === null ? "" : `claim\t${claimUrl}\n`}`,
    );
  return exitCodes.done;
};
