import { readFile, stat } from "node:fs/promises";
import { shownFile } from "#archive/index.ts";
import { Failure, type Instant } from "#core/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { usageFailure } from "../problem.ts";
import { outShown } from "../shown-text.ts";
import { outJson } from "../terminal.ts";
import { textOption, type Verb } from "../verb.ts";

/** Largest file that is read whole, in bytes: what a connector takes by default. */
const fileBytesMax = 256 * 1024 * 1024;

/** Shows what would be understood of a file; nothing is archived, and no key is at hand. */
export const parse: Verb = async (call) => {
  const { terminal } = call;
  const path = call.args[0] ?? "";
  const type = textOption(call, "type") ?? "eej";
  if (type !== "eej" && type !== "standard") throw usageFailure(`--type is ${type}; it must be standard or eej`);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new Failure("PATH-MISSING", "never", `there is no file ${path}`);
  if (found.size > fileBytesMax) throw usageFailure(`${path} is larger than a message can be`);
  const shown = shownFile(
    await readFile(path),
    type,
    Math.floor(performance.timeOrigin + performance.now()) as Instant,
  );
  if (terminal.isJson) await outJson(terminal, shown);
  else await outShown(terminal, shown);
  return exitCodes.done;
};
