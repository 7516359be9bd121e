import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { corpusFolder } from "../corpus.ts";
import { search } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { muniment, munimentJson } from "../support/server.ts";

interface Inspected {
  frames: { offset: number; length: number; type: string }[];
  records: { kind: string; id?: string; storedAt?: string }[];
}

interface Verified {
  ok: boolean;
  damaged: { id: string; pack: string; place: string }[];
}

test("a flipped byte in header, frame, tag, directory, footer and trailer is named by verify with the ids it touches", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  await munimentJson([
    "import",
    join(corpusFolder, "mime-mailparser"),
    join(corpusFolder, "mime-enmime"),
    "--data",
    data,
  ]);
  const folder = join(data, "blobs", "packs", "main");
  const [name] = readdirSync(folder).sort(
    (a, b) => readFileSync(join(folder, b)).length - readFileSync(join(folder, a)).length,
  );
  const path = join(folder, name ?? "");
  const whole = readFileSync(path);
  const { frames, records } = await munimentJson<Inspected>(["inspect", "pack", path, "--data", data]);
  const all = records
    .filter(({ kind }) => kind === "message")
    .map(({ id }) => id as string)
    .sort();
  const content = frames.filter(({ type }) => type === "content");
  const frame = content[Math.floor(content.length / 2)] ?? { offset: 0, length: 0 };
  const inFrame = records
    .filter(({ kind, storedAt }) => kind === "message" && storedAt?.includes(`["f",${frame.offset},`))
    .map(({ id }) => id as string)
    .sort();
  assert.ok(inFrame.length > 0 && inFrame.length < all.length);
  const directory = frames.find(({ type }) => type === "directory") ?? { offset: 0, length: 0 };
  const tableAt = Number(whole.readBigUInt64BE(whole.length - 96 + 8));
  const headerCopyAt = Number(whole.readBigUInt64BE(whole.length - 96 + 24));

  const cases: { what: string; at: number; place: string; ids: string[] }[] = [
    { what: "header", at: 20, place: "header", ids: all },
    { what: "frame head", at: frame.offset + 9, place: "frame", ids: inFrame },
    { what: "frame", at: frame.offset + 40, place: "frame", ids: inFrame },
    { what: "tag", at: frame.offset + frame.length - 3, place: "frame", ids: inFrame },
    { what: "directory", at: directory.offset + 50, place: "directory", ids: all },
    { what: "footer (table)", at: tableAt + 40, place: "table", ids: all },
    { what: "header copy", at: headerCopyAt + 20, place: "header copy", ids: all },
    { what: "trailer", at: whole.length - 50, place: "trailer", ids: all },
  ];
  for (const { what, at, place, ids } of cases) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    const { code, stdout } = await muniment(["verify", "--data", data, "--json"]);
    const result = JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "") as Verified;
    assert.deepEqual([code, result.ok], [20, false], what);
    const named = result.damaged
      .filter((damage) => damage.place === place)
      .map(({ id }) => id)
      .sort();
    assert.deepEqual([...new Set(named)], ids, what);
    // A message outside the damage is read as ever, one inside is never given back wrong.
    const outside = all.find((id) => !inFrame.includes(id)) ?? "";
    assert.equal((await muniment(["get", outside, "--data", data])).code, 0, what);
    if (place === "frame") assert.notEqual((await muniment(["get", inFrame[0] ?? "", "--data", data])).code, 0, what);
  }
  writeFileSync(path, whole);
  assert.equal((await munimentJson<Verified>(["verify", "--data", data])).ok, true);
  assert.ok((await search(data, "*")).total > 100);
});
