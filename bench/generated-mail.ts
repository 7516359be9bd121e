import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { corpusFolder } from "../test/corpus.ts";

/** Generated office mail, the same with every run. */
export function generatedMail(count: number): Buffer[] {
  const folder = mkdtempSync(join(tmpdir(), "muniment-corpus-"));
  try {
    const generator = join(corpusFolder, "..", "bench", "gen-corpus.mjs");
    execFileSync(process.execPath, [generator, folder, String(count)], { stdio: "ignore" });
    const all = readFileSync(join(folder, "pack.bin"));
    const places = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as [number, number][];
    return places.map(([offset, length]) => all.subarray(offset, offset + length));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
