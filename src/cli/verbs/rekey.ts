import { interrupted } from "../client.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { createProgress } from "../progress.ts";
import { passphraseOption } from "../settings.ts";
import { outJson } from "../terminal.ts";
import type { Verb } from "../verb.ts";

/** Seals every pack anew that is not under the newest key of its tenant. No other process may have the archive open. */
export const rekey: Verb = async ({ settings, options, terminal, load, signal }) => {
  if (options.reencrypt !== true) throw usageFailure("say --reencrypt: every pack under an older key is written anew");
  const server = await load();
  const progress = createProgress(terminal, "rekey");
  try {
    const { tenants, isComplete } = await server.reencryptArchive({
      data: settings.data,
      ...passphraseOption(settings),
      ...(settings.tenant === null ? {} : { tenant: settings.tenant }),
      signal,
      report: (step) => progress.show(step),
    });
    progress.end();
    if (!isComplete) throw interrupted("interrupted; run it again to go on where it ended");
    if (terminal.isJson) await outJson(terminal, { tenants });
    else
      for (const { tenant, packs, bytes, left } of tenants)
        await terminal.out(`${tenant}\t${packs} packs\t${bytes} bytes\t${left.length} left\n`);
    for (const { left } of tenants)
      for (const { pack, detail } of left) terminal.warn(`${pack} stays under its older key: ${detail}`);
    terminal.note("Backups made before hold the old packs: make a new one and destroy those.");
    return tenants.some(({ left }) => left.length > 0) ? exitCodes.partly : exitCodes.done;
  } finally {
    progress.end();
  }
};
