import { exitCodes } from "../exit-codes.ts";
import { outJson } from "../terminal.ts";
import { onArchive, type Verb } from "../verb.ts";
import { workResult } from "../work-lines.ts";

/** Lists the domains that are the tenant's own. */
export const listDomains: Verb = (call) =>
  onArchive(call, async (client) => {
    const { terminal } = call;
    const { data: domains } = await client.get<{ data: string[] }>("/domains");
    if (terminal.isJson) await outJson(terminal, { domains });
    else for (const domain of domains) await terminal.out(`${domain}\n`);
    return exitCodes.done;
  });

/** Sets the domains that are the tenant's own, in place of those before, and judges all mail by them. */
export const setDomains: Verb = (call) =>
  onArchive(call, async (client) => {
    const { args: domains, terminal } = call;
    const result = await workResult<{ domains: string[]; messages: number }>(client, "/domains", terminal, "domains", {
      domains,
    });
    if (terminal.isJson) await outJson(terminal, result);
    else await terminal.out(`${result.domains.length} own domains; ${result.messages} messages judged by them\n`);
    return exitCodes.done;
  });
