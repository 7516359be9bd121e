import { exitCodes } from "../exit-codes.ts";
import { printable } from "../table.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

interface VerifyResult {
  ok: boolean;
  checked: number;
  packs: number;
  bytes: number;
  damaged: { id: string | null; pack: string; place: string; detail: string }[];
}

/** Reads every stored byte again and compares it with its digest; names all that is damaged. */
export const verify: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const result = await workResult<VerifyResult>(client, "/verifications", terminal, "verify");
    const { ok, checked, packs, bytes, damaged } = result;
    if (terminal.isJson) {
      await outJson(terminal, result);
    } else {
      for (const { id, pack, place, detail } of damaged) {
        await terminal.out(`damaged\t${id ?? "-"}\t${pack}\t${place}\t${printable(detail)}\n`);
      }
      await terminal.out(`${ok ? "verified" : "DAMAGED"}: ${checked} messages, ${packs} packs, ${bytes} bytes\n`);
    }
    return ok ? exitCodes.done : exitCodes.integrity;
  });
