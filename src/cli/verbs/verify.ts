import { exitCodes } from "../exit-codes.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { sampleOption, timeOption } from "../verify-scope.ts";
import { workResult } from "../work-lines.ts";

interface VerifyResult {
  ok: boolean;
  checked: number;
  packs: number;
  bytes: number;
  of: { packs: number; bytes: number };
  damaged: { id: string | null; pack: string; place: string; detail: string }[];
  unknown: { pack: string; bytes: number }[];
}

/** Reads stored bytes again, all or a share of them, and compares digests; names all that is damaged. */
export const verify: Verb = async (call) => {
  const [sample, since] = [sampleOption(call), timeOption(call, "since")];
  const scope = { ...(sample === undefined ? {} : { sample }), ...(since === undefined ? {} : { since }) };
  return onArchive(call, async (client) => {
    const { terminal } = call;
    const result = await workResult<VerifyResult>(client, "/verifications", terminal, "verify", scope);
    const { ok, checked, packs, bytes, of, damaged, unknown } = result;
    if (terminal.isJson) {
      await outJson(terminal, result);
    } else {
      for (const { id, pack, place, detail } of damaged)
        await terminal.out(`damaged\t${id ?? "-"}\t${pack}\t${place}\t${printable(detail)}\n`);
      for (const { pack, bytes: size } of unknown) await terminal.out(`unknown\t-\t${pack}\t-\t${size} bytes\n`);
      const read = `${checked} messages, ${packs} of ${of.packs} packs, ${bytes} of ${of.bytes} bytes`;
      await terminal.out(`${ok ? "verified" : "DAMAGED"}: ${read} (${percent(bytes, of.bytes)})\n`);
    }
    if (unknown.length > 0)
      terminal.warn(
        `${unknown.length} packs are in the store and not in the catalogue; restart the server to take them in`,
      );
    if (!ok) return exitCodes.integrity;
    return unknown.length > 0 ? exitCodes.warnings : exitCodes.done;
  });
};

function percent(part: number, whole: number): string {
  return whole === 0 ? "100%" : `${Number(((100 * part) / whole).toFixed(1))}%`;
}
