import { readFile, writeFile } from "node:fs/promises";

/**
 * Writes a generated file of the project. With `--check` on the command line it writes nothing, and the process will exit
 * with 1 when the file is not `text`.
 *
 * @param command what writes the file, for the message
 */
export async function writeOrCheck(file: string, text: string, command: string): Promise<void> {
  const target = new URL(`../${file}`, import.meta.url);
  if (!process.argv.includes("--check")) return writeFile(target, text);
  const current = await readFile(target, "utf8").catch(() => "");
  if (current === text) return;
  console.error(`${file} is not what the API says; run: ${command}`);
  process.exitCode = 1;
}
