import { resolve } from "node:path";
import { exitCodes } from "../exit-codes.ts";
import { shellWord } from "../shell-word.ts";
import { outJson } from "../terminal.ts";
import { type Call, onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

interface BackupResult {
  directory: string;
  id: string;
  snapshotAt: string;
  isKeyProtected: boolean;
  tenants: { id: string; changes: number; messages: number; receipts: number }[];
  packs: { count: number; bytes: number; copied: number; copiedBytes: number };
  notIncluded: number;
  left: { kind: "damaged" | "missing"; tenant: string; pack: string }[];
  lastRestoreTest: { testedAt: string; backup: string } | null;
}

/** Brings the backup in a folder up to now, while the archive is in use, and ends with the command that restores it. */
export const backup: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    // The server has a working directory of its own.
    const asked = { directory: resolve(call.args[0] ?? ""), check: call.options.check === true };
    const result = await workResult<BackupResult>(client, "/backups", terminal, "backup", asked);
    const restore = restoreCommand(call, result);
    if (terminal.isJson) await outJson(terminal, { ...result, restore });
    else await terminal.out(textOf(result));
    for (const { kind, tenant, pack } of result.left)
      terminal.warn(`${kind}: pack ${pack} of ${tenant} in the archive; muniment verify names its messages`);
    if (!result.isKeyProtected)
      terminal.note("Its key file has no passphrase: whoever can read the backup can read the mail.");
    if (!terminal.isJson) await terminal.out(`restore with\t${restore}\n`);
    return result.left.length > 0 ? exitCodes.integrity : exitCodes.done;
  });

function textOf({ directory, snapshotAt, tenants, packs, notIncluded, lastRestoreTest }: BackupResult): string {
  const lines = [
    `backed up\t${directory}\tup to ${snapshotAt}`,
    `packs\t${packs.count} (${packs.bytes} bytes), of them copied now: ${packs.copied} (${packs.copiedBytes} bytes)`,
    ...tenants.map((one) => `tenant\t${one.id}\t${one.messages} messages, up to change ${one.changes}`),
    `not included\t${notIncluded} messages that were accepted and not archived yet`,
    `last restore test\t${lastRestoreTest === null ? "never" : lastRestoreTest.testedAt}`,
  ];
  return lines.map((line) => line + "\n").join("");
}

function restoreCommand({ settings }: Call, { directory, isKeyProtected }: BackupResult): string {
  const words = ["muniment", "restore", directory, "--data", settings.data];
  if (isKeyProtected) words.push("--passphrase-file", settings.passphraseFile ?? "FILE");
  return words.map(shellWord).join(" ");
}
