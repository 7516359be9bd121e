import { isFailure } from "#core/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { passphraseOption } from "../settings.ts";
import { outTable, printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { type Call, onArchive, textOption, type Verb } from "../verb.ts";
import { type Certificate, certificateTable } from "./mail-keys.ts";

const timeText = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The keys for encrypted mail. Counting what they opened takes the archive: null where it does not open without a passphrase. */
async function mailKeys(call: Call): Promise<MailKeys | null> {
  try {
    return await onArchive(call, (client) => client.get<MailKeys>("/decryption-keys"));
  } catch (error) {
    if (isFailure(error, "PASSPHRASE-WRONG") || isFailure(error, "PASSPHRASE-UNREADABLE")) return null;
    throw error;
  }
}

interface MailKeys {
  certificates: Certificate[];
  waiting: { recipient: string; messages: number }[];
}

/** Shows which keys there are, and nothing secret of them. Those of the archive need no passphrase to be listed. */
export const listKeys: Verb = async (call) => {
  const { settings, terminal, load } = call;
  const server = await load();
  const { file, v, protection, root, recoveryKit, tenants } = await server.listKeys({ data: settings.data });
  const kit = recoveryKit && {
    kit: recoveryKit.kit,
    madeAt: timeText(recoveryKit.madeAt),
    testedAt: timeText(recoveryKit.testedAt),
  };
  const rows = tenants.flatMap(({ tenant, epochs }) =>
    epochs.map(({ epoch, madeAt }) => ({ tenant, epoch, madeAt: timeText(madeAt) })),
  );
  if (terminal.isJson) {
    const rootFacts = { epoch: root.epoch, madeAt: timeText(root.madeAt) };
    const { certificates = null, waiting = null } = (await mailKeys(call)) ?? {};
    const archive = { file, v, protection, root: rootFacts, recoveryKit: kit, tenants: rows };
    await outJson(terminal, { ...archive, certificates, waiting });
    return exitCodes.done;
  }
  const keys = [{ tenant: "(root)", epoch: root.epoch, madeAt: timeText(root.madeAt) }, ...rows];
  await outTable(
    terminal,
    [
      { title: "TENANT", cell: (row) => row.tenant },
      { title: "EPOCH", cell: (row) => row.epoch },
      { title: "MADE", cell: (row) => row.madeAt },
    ],
    keys,
  );
  const mail = await mailKeys(call);
  if (mail === null) terminal.note("keys for encrypted mail: give the passphrase to see them");
  else if (mail.certificates.length > 0) {
    await terminal.out("\n");
    await certificateTable(terminal, mail.certificates);
  }
  for (const { recipient, messages } of mail?.waiting ?? [])
    terminal.note(`${messages} messages wait for the key of ${printable(recipient)}; muniment keys import takes it in`);
  terminal.note(`key file: ${file}, ${protection === "none" ? "not protected" : "protected by a passphrase"}`);
  terminal.note(
    kit === null
      ? "recovery kit: none; make one with muniment keys recovery-kit"
      : `recovery kit: ${kit.kit}, made ${kit.madeAt}, ${kit.testedAt === null ? "never tested" : `tested ${kit.testedAt}`}`,
  );
  return exitCodes.done;
};

/** Begins new epochs of tenants' keys, or replaces the root key. No mail is rewritten. */
export const rotateKeys: Verb = async ({ settings, options, terminal, load }) => {
  const server = await load();
  const place = { data: settings.data, ...passphraseOption(settings) };
  if (options.root === true) {
    if (typeof options.tenant === "string") throw usageFailure("--root and --tenant are two rotations; name one");
    const { epoch, kit } = await server.rotateRootKey(place);
    if (terminal.isJson) await outJson(terminal, { root: { epoch }, recoveryKit: kit });
    else await terminal.out(`root\t${epoch}\n`);
    if (kit !== null) terminal.note(`Recovery kit ${kit} stays good; prove it with muniment keys test-recovery.`);
    terminal.note("Copy the key file to where its backups are: older copies hold the old root key.");
    return exitCodes.done;
  }
  const { tenant } = settings;
  const turned = await server.rotateTenantKeys({ ...place, ...(tenant === null ? {} : { tenant }) });
  if (terminal.isJson) await outJson(terminal, { tenants: turned });
  else for (const one of turned) await terminal.out(`${one.tenant}\t${one.epoch}\n`);
  terminal.note(
    "Copy the key file to where its backups are: older copies do not open the mail that comes from now on.",
  );
  return exitCodes.done;
};

/** Sets, changes or removes the passphrase of the key file. */
export const changePassphrase: Verb = async (call) => {
  const { settings, options, terminal, load } = call;
  const file = textOption(call, "newPassphraseFile");
  if ((file === undefined) === (options.remove !== true))
    throw usageFailure("name the new passphrase with --new-passphrase-file FILE, or take it away with --remove");
  const server = await load();
  const { wasProtected, isProtected } = await server.changePassphrase({
    data: settings.data,
    ...passphraseOption(settings),
    newPassphraseFile: file ?? null,
  });
  if (terminal.isJson) await outJson(terminal, { protection: isProtected ? "passphrase" : "none" });
  else await terminal.out(isProtected ? "protected\n" : "not protected\n");
  if (isProtected && !wasProtected)
    terminal.note(
      "The root key was readable in the file before: muniment keys rotate --root puts a new one in its place.",
    );
  if (!isProtected) terminal.warn("Whoever can read the key file can read all mail from now on.");
  return exitCodes.done;
};
