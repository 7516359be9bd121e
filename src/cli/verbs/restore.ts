import type { Restored } from "#server/index.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { createProgress } from "../progress.ts";
import { passphraseOption } from "../settings.ts";
import { shellWord } from "../shell-word.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import type { Call, Verb } from "../verb.ts";
import { sampleOption } from "../verify-scope.ts";

/** Makes an archive from a backup; or, with --test, proves that it could be made and leaves nothing behind. */
export const restore: Verb = async (call) => {
  const { args, options, settings, terminal, load } = call;
  const isTest = options.test === true;
  const isDamageAccepted = options.acceptDamage === true;
  if (isTest && typeof options.data === "string")
    throw usageFailure("--test restores to a folder of its own; leave --data out");
  if (isTest && isDamageAccepted) throw usageFailure("--test tells all damage; leave --accept-damage out");
  const sample = sampleOption(call) ?? null;
  const { restoreBackup } = await load();
  const progress = createProgress(terminal, isTest ? "test" : "restore");
  let result: Restored;
  try {
    result = await restoreBackup({
      ...{ from: args[0] ?? "", data: isTest ? null : settings.data, sample, isDamageAccepted },
      ...passphraseOption(settings),
      report: (step) => progress.show(step),
    });
  } finally {
    progress.end();
  }
  return told(call, result);
};

async function told({ terminal, settings }: Call, result: Restored): Promise<ExitCode> {
  const { ok, data, damagedPacks, damaged, tenants, checked, packs, bytes, notIncluded } = result;
  const snapshotAt = new Date(result.snapshotAt).toISOString();
  if (terminal.isJson) await outJson(terminal, { ...result, snapshotAt });
  else {
    for (const { kind, file } of damagedPacks) await terminal.out(`${kind}\t${printable(file)}\n`);
    for (const { id, pack, place, detail } of damaged)
      await terminal.out(`damaged\t${id ?? "-"}\t${pack}\t${place}\t${printable(detail)}\n`);
    for (const { id, messages, receipts } of tenants)
      await terminal.out(`tenant\t${id}\t${messages} messages, ${receipts} receipts\n`);
    const state = data === null ? (ok ? "the backup is good" : "the backup is DAMAGED") : `restored\t${data}`;
    await terminal.out(
      `${state}\tup to ${snapshotAt}: ${packs} packs, ${bytes} bytes; ${checked} messages read back\n`,
    );
  }
  if (notIncluded > 0) terminal.warn(`${notIncluded} messages were accepted and not archived when the backup was made`);
  if (data !== null) {
    const passphrase =
      settings.passphraseFile === null ? "" : ` --passphrase-file ${shellWord(settings.passphraseFile)}`;
    terminal.note(`Go on with: muniment serve --data ${shellWord(data)}${passphrase}`);
    terminal.note("Search fills by itself. Run no second server on the same journal addresses.");
  }
  if (ok) return exitCodes.done;
  return data === null ? exitCodes.integrity : exitCodes.partly;
}
