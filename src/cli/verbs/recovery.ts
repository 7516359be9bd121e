import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { passphraseOption } from "../settings.ts";
import { outJson, type Terminal } from "../terminal.ts";
import type { Call, Verb } from "../verb.ts";

/** Most that is read of a typed kit, in characters: the whole paper has fewer than a thousand. */
const kitCharactersMax = 65_536;

/** Makes a recovery kit and prints it, this once. */
export const makeRecoveryKit: Verb = async ({ settings, options, terminal, load }) => {
  const server = await load();
  const { kit, madeAt, lines } = await server.makeRecoveryKit({
    data: settings.data,
    ...passphraseOption(settings),
    isReplacing: options.replace === true,
  });
  const made = new Date(madeAt).toISOString();
  if (terminal.isJson) await outJson(terminal, { kit, madeAt: made, lines });
  else await terminal.out(paper(kit, made, settings.data, lines));
  terminal.note("Print this now: it is kept nowhere and not shown again. Then prove it: muniment keys test-recovery.");
  return exitCodes.done;
};

/** The kit as text for paper: at most 72 characters wide, and a line of the secret is the only one with "1:" to "4:". */
function paper(kit: string, madeAt: string, data: string, lines: readonly string[]): string {
  const rule = "-".repeat(72);
  return [
    rule,
    `MUNIMENT RECOVERY KIT ${kit}`,
    `made ${madeAt}`,
    `for the archive in ${data}`,
    rule,
    "",
    ...lines.map((line) => `    ${line}`),
    "",
    "With this paper and a copy of the key file keys/keyring.json all mail",
    "can be read. It needs no passphrase. Keep it locked away, and apart",
    "from the archive and its backups.",
    "",
    "When the passphrase is lost, put keyring.json in its place and run",
    "",
    "    muniment keys recover --data DIR --kit-stdin --passphrase-file NEW",
    "",
    "then type the four lines and press Ctrl-D. Small letters will do. Each",
    "line has a checksum: an error of typing is found, and its line named.",
    rule,
    "",
  ].join("\n");
}

/** Opens the keys with a recovery kit and gives them a new passphrase. */
export const recoverKeys: Verb = async (call) => {
  const { settings, terminal, load } = call;
  const kit = await typedKit(call);
  const server = await load();
  const { isProtected } = await server.recoverKeys({ data: settings.data, ...passphraseOption(settings), kit });
  if (terminal.isJson) await outJson(terminal, { recovered: true, protection: isProtected ? "passphrase" : "none" });
  else await terminal.out(isProtected ? "recovered\tprotected\n" : "recovered\tnot protected\n");
  if (!isProtected)
    terminal.warn(
      "The key file has no passphrase now; set one with muniment keys passphrase --new-passphrase-file FILE.",
    );
  return exitCodes.done;
};

/** Proves that a recovery kit opens the keys and, with them, a pack of each tenant. */
export const testRecovery: Verb = async (call) => {
  const { settings, terminal, load } = call;
  const kit = await typedKit(call);
  const server = await load();
  const result = await server.testRecovery({ data: settings.data, kit });
  const testedAt = new Date(result.testedAt).toISOString();
  if (terminal.isJson) await outJson(terminal, { ...result, testedAt });
  else {
    for (const { tenant, pack } of result.tenants) await terminal.out(`${tenant}\t${pack ?? "no pack yet"}\n`);
    await terminal.out(`kit ${result.kit} opens the keys of ${result.tenants.length} tenants\n`);
  }
  return exitCodes.done;
};

async function typedKit({ options, terminal, input }: Call): Promise<string> {
  if (options.kitStdin !== true || input === undefined)
    throw usageFailure("the kit is typed, or comes from a file, on standard input: add --kit-stdin");
  inviteTo(terminal);
  let text = "";
  for await (const piece of input) {
    text += Buffer.from(piece).toString("latin1");
    if (text.length > kitCharactersMax)
      throw usageFailure("what comes on standard input is too long for a recovery kit");
  }
  return text;
}

function inviteTo(terminal: Terminal): void {
  if (terminal.isTty) terminal.note("Type the kit's four lines, then press Ctrl-D:");
}
