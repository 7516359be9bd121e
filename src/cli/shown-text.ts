import type { ShownMessage } from "#archive/index.ts";
import { outTable, printable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Lines of text that a person is shown; `--json` has all of it. */
const textLinesMax = 40;

/** Prints a message for a person: facts first, then who got it, its parts, and the beginning of its text. */
export async function outShown(terminal: Terminal, shown: ShownMessage): Promise<void> {
  for (const [name, value] of facts(shown))
    if (value !== "") await terminal.out(`${name.padEnd(10)} ${printable(value)}\n`);
  const { recipients } = shown.envelope;
  if (recipients.length > 0) {
    await terminal.out("\n");
    await outTable(
      terminal,
      [
        { title: "RECIPIENT", cell: (row) => row.address },
        { title: "ROLE", cell: (row) => row.role },
        { title: "RELATION", cell: (row) => row.relation },
        { title: "VIA", cell: (row) => row.via },
        { title: "SAID BY", cell: (row) => row.source },
      ],
      recipients,
    );
  }
  await terminal.out("\n");
  await outTable(
    terminal,
    [
      { title: "PART", cell: (row) => row.path || "(all)" },
      { title: "TYPE", cell: (row) => row.type },
      { title: "BYTES", cell: (row) => row.bytes },
      { title: "FILE", cell: (row) => row.filename },
    ],
    shown.parts,
  );
  await outText(terminal, shown.text);
  const inner = shown.smime?.text ?? "";
  if (inner !== "" && inner !== shown.text) await outText(terminal, inner);
  for (const { path, headers, parts, text } of shown.tnef) {
    await terminal.out(`\nin ${printable(path)}: ${printable(headers.subject)}\n`);
    for (const { filename, bytes } of parts)
      await terminal.out(`  ${printable(filename ?? "(no name)")}  ${bytes} bytes\n`);
    if (text.trim() !== "") await outText(terminal, text);
  }
}

async function outText(terminal: Terminal, text: string): Promise<void> {
  const lines = text.trimEnd().split("\n");
  await terminal.out(`\n${lines.slice(0, textLinesMax).map(printable).join("\n")}\n`);
  if (lines.length > textLinesMax) terminal.note(`${lines.length - textLinesMax} more lines; --json has all of them`);
}

/** Where an import found it: the place, whose mail it is and in which folder it lay. */
function importedFrom({ place, origin }: ShownMessage["receipts"][number]): string | null {
  if (place === null) return null;
  const { owner = null, folder = null, unquoted } = origin ?? {};
  return [
    place,
    ...(owner === null ? [] : [`of ${owner}`]),
    ...(folder === null ? [] : [`in ${folder}`]),
    ...(unquoted === undefined ? [] : [`unquoted as ${unquoted}`]),
  ].join(", ");
}

function facts(shown: ShownMessage) {
  const { id, sha256, bytes, form, headers, envelope, journal, smime, defects, receipts, quarantine } = shown;
  const people = (list: readonly { name: string; address: string }[]) =>
    list.map(({ name, address }) => (name === "" ? address : `${name} <${address}>`)).join(", ");
  const pairs: [name: string, value: string][] = [
    ["id", id],
    ["sha256", sha256],
    ["bytes", `${bytes}`],
    ["subject", headers.subject],
    ["from", people(headers.from)],
    ["to", people(headers.to)],
    ["cc", people(headers.cc)],
    ["date", headers.date ?? ""],
    ["journal", journal === null ? "" : `${journal.dialect}, confidence ${journal.confidence}`],
    ["sender", envelope.sender ?? ""],
    ["smime", smime === null ? "" : [smime.state, smime.algorithm, smime.signature?.state].filter(Boolean).join(", ")],
    ["defects", defects.join(", ")],
    ["quarantine", quarantine?.reason ?? ""],
    ["form", form ?? ""],
    ["imported", receipts.flatMap((receipt) => importedFrom(receipt) ?? []).join("; ")],
    ["receipts", receipts.length === 0 ? "" : receipts.map(({ at, state }) => `${at} ${state}`).join("; ")],
  ];
  return pairs;
}
