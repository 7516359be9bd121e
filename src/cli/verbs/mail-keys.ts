import { readFile, stat } from "node:fs/promises";
import { Failure } from "#core/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outTable } from "../table.ts";
import { outJson, type Terminal } from "../terminal.ts";
import { type Call, onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

/** A certificate as the API shows it. */
export interface Certificate {
  kind: "key" | "authority";
  subject: string;
  issuer: string;
  serial: string;
  notAfter: string;
  opened: number;
  waiting: number;
}

/** Largest key file that is read, in bytes, as the API takes it. */
const fileBytesMax = 12 * 1024 * 1024;
/** Longest passphrase that is read, in characters. */
const passphraseCharactersMax = 1024;

/** Takes the keys of a PKCS#12 or PEM file in, and waits until what they open can be searched. */
export const importKeys: Verb = async (call) => {
  const body = { file: await fileText(call), passphrase: await typedPassphrase(call) };
  return onArchive(call, async (client) => {
    const { terminal } = call;
    const path = "/decryption-keys";
    const result = await workResult<{ certificates: Certificate[]; opened: number }>(
      client,
      path,
      terminal,
      "open",
      body,
    );
    if (terminal.isJson) await outJson(terminal, result);
    else await certificateTable(terminal, result.certificates);
    terminal.note(`${result.opened} messages that waited for these keys were read again and can be searched.`);
    return exitCodes.done;
  });
};

/** Trusts the authorities of a file for signatures that are judged from now on. */
export const trustAuthorities: Verb = async (call) => {
  const body = { file: await fileText(call) };
  return onArchive(call, async (client) => {
    const result = await client.send<{ certificates: Certificate[] }>("POST", "/trusted-authorities", body);
    if (call.terminal.isJson) await outJson(call.terminal, result);
    else await certificateTable(call.terminal, result.certificates);
    call.terminal.note("Signatures of mail that is archived already stay as they were judged.");
    return exitCodes.done;
  });
};

/** Shows certificates with what their keys did. */
export async function certificateTable(terminal: Terminal, certificates: readonly Certificate[]): Promise<void> {
  await outTable(
    terminal,
    [
      { title: "KIND", cell: (row) => row.kind },
      { title: "SUBJECT", cell: (row) => row.subject },
      { title: "ISSUER", cell: (row) => row.issuer },
      { title: "SERIAL", cell: (row) => row.serial },
      { title: "ENDS", cell: (row) => row.notAfter.slice(0, 10) },
      { title: "OPENED", cell: (row) => row.opened },
      { title: "WAITING", cell: (row) => row.waiting },
    ],
    [...certificates],
  );
}

async function fileText({ args }: Call): Promise<string> {
  const path = args[0] ?? "";
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new Failure("PATH-MISSING", "never", `there is no file ${path}`);
  if (found.size > fileBytesMax) throw usageFailure(`${path} is too large for a file of keys`);
  return (await readFile(path)).toString("base64");
}

async function typedPassphrase({ options, input }: Call): Promise<string> {
  if (options.passphraseStdin !== true) return "";
  if (input === undefined) throw usageFailure("the passphrase comes on standard input");
  let text = "";
  for await (const piece of input) {
    text += Buffer.from(piece).toString("utf8");
    if (text.includes("\n") || text.length > passphraseCharactersMax) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}
