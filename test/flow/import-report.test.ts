import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFile } from "../corpus.ts";
import { search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson, startServer } from "../support/server.ts";
import { type Status, settled } from "../support/settled.ts";
import { zipOf } from "../support/zip.ts";

interface Outcome {
  found: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  unreadable: number;
  known: number;
}

type Report = Outcome & { sources: (Outcome & { source: string; variant: string | null })[] };

interface Shown {
  receipts: {
    connector: string;
    state: string;
    flags: string[];
    place: string | null;
    origin: { source: string; folder: string | null; owner: string | null; unquoted?: string } | null;
  }[];
}

const from = "From ann@example.com Tue Jul 23 19:39:23 2002\n";
const mail = (name: string) => `From: ann@example.com\nSubject: ${name}\n\n${name}\n`;

test("an import tells what became of each source, where each message lay, and goes on where it was cut short", async (context) => {
  const folder = testFolder(context);
  const box = join(folder, "in");
  mkdirSync(join(box, "loose"), { recursive: true });
  writeFileSync(join(box, "Inbox"), `${from}${mail("one")}\n${from}${mail("two")}>From here\n\n`);
  writeFileSync(join(box, "loose", "a.eml"), mail("loose"));
  const members = ["x", "y", "z"].map((name) => ({ name: `Sent/${name}.eml`, content: mail(name) }));
  const twin = { name: "twin.eml", content: mail("loose") };
  const locked = { name: "locked.eml", content: mail("locked"), flags: 1 };
  // The archive as it was when the first import was cut short: half of it.
  writeFileSync(join(box, "mail.zip"), zipOf(members.slice(0, 2)));
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    const run = async (exit = 0): Promise<Report> => {
      const { code, stdout } = await muniment(["import", box, "--unquote", "mboxrd", "--data", data, "--json"]);
      assert.equal(code, exit);
      return JSON.parse(stdout.toString()) as Report;
    };
    const of = (report: Report, name: string) => {
      const source = report.sources.find((one) => one.source === join(box, name));
      assert.ok(source !== undefined, `${name} in ${JSON.stringify(report.sources)}`);
      return [source.found, source.archived, source.duplicate, source.unreadable, source.known, source.variant];
    };
    const half = await run();
    assert.deepEqual([half.found, half.archived], [5, 5]);
    writeFileSync(join(box, "mail.zip"), zipOf([...members, twin, locked]));
    const whole = await run(3);
    assert.deepEqual(of(whole, "Inbox"), [2, 0, 2, 0, 2, "mboxrd"]);
    assert.deepEqual(of(whole, "loose"), [1, 0, 1, 0, 1, null]);
    assert.deepEqual(of(whole, "mail.zip"), [5, 1, 3, 1, 2, null]);
    assert.equal(
      whole.sources.reduce((sum, { found }) => sum + found, 0),
      whole.found,
    );
    const again = await run(3);
    assert.deepEqual([again.archived, again.known, again.unreadable], [0, 7, 1]);
    assert.equal((await settled(data)).received, 7);

    const receipts = async (subject: string) => {
      const [found] = (await search(data, `subject:${subject} is:imported`)).items;
      return (await munimentJson<Shown>(["show", found!.id, "--data", data])).receipts;
    };
    const inbox = join(box, "Inbox");
    assert.deepEqual(
      (await receipts("two")).map(({ place, origin }) => ({ place, origin })),
      [{ place: `${inbox}: message 2`, origin: { source: inbox, folder: inbox, owner: null, unquoted: "mboxrd" } }],
    );
    const zip = join(box, "mail.zip");
    const loose = (await receipts("loose")).map(({ place, origin }) => ({ place, origin }));
    assert.deepEqual(loose, [
      {
        place: join(box, "loose/a.eml"),
        origin: { source: join(box, "loose"), folder: join(box, "loose"), owner: null },
      },
      { place: `${zip}: twin.eml`, origin: { source: zip, folder: null, owner: null } },
    ]);
    assert.deepEqual((await receipts("x"))[0]?.origin, { source: zip, folder: "Sent", owner: null });
  } finally {
    await server.stop();
  }
});

test("what is imported is no journal flow: no age rule holds it, and no connector counts it", async (context) => {
  const folder = testFolder(context);
  const report = join(folder, "old.eml");
  writeFileSync(report, corpusFile("journal-ace/phish_me.email.rfc822"));
  const data = join(folder, "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  try {
    const add = ["connectors", "add", "--transport", "smtp", "--type", "eej", "--description", "Exchange"];
    const address = ["--address", "journal@archive.example", "--max-age", "1"];
    const { id } = await munimentJson<{ id: string }>([...add, ...address, "--data", data]);
    const counts = await munimentJson<Report>(["import", report, "--type", "eej", "--data", data]);
    assert.deepEqual([counts.archived, counts.held], [1, 0]);
    const status = await munimentJson<Status & { connectors: { id: string; archived: number }[] }>([
      ...["status", "--data", data],
    ]);
    const archivedBy = new Map(status.connectors.map((one) => [one.id, one.archived]));
    assert.equal(archivedBy.get(id) ?? 0, 0);
    assert.equal(
      [...archivedBy.values()].reduce((sum, count) => sum + count, 0),
      1,
    );
    await settled(data);
    const [found] = (await search(data, "is:imported -is:held")).items;
    const { receipts } = await munimentJson<Shown>(["show", found!.id, "--data", data]);
    assert.notEqual(receipts[0]?.connector, id);
    assert.deepEqual((await search(data, "NOT is:imported")).items, []);
  } finally {
    await server.stop();
  }
});
