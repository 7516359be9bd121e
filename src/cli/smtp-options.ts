import type { OptionSpec } from "./command-spec.ts";
import { usageFailure } from "./problem.ts";
import { type Call, textOption } from "./verb.ts";

/** Options of `connectors add` and `edit` about who may send, and about plain copies. */
export const smtpOptions: readonly OptionSpec[] = [
  { flags: "--permit <range...>", text: "addresses mail may come from, as 192.0.2.0/24; any takes the list away" },
  { flags: "--permit-provider <id...>", text: "providers whose addresses are permitted too; none for none" },
  { flags: "--require-tls <switch>", text: "take mail under TLS only: on or off" },
  { flags: "--certificate <sha256>", text: "certificate the sender must show; none asks for none" },
  { flags: "--envelope-header <name...>", text: "header fields of copies that name recipients; none for none" },
  { flags: "--sub-address <switch>", text: "read recipients from name+person=domain@… in RCPT TO: on or off" },
];

/** What those options say, as the API takes it; only what was named. Throws `USAGE`. */
export function smtpSettingsOf(call: Call): { smtp?: object; rules?: object } {
  const smtp = named({
    permitted: listOption(call, "permit", "any"),
    presets: listOption(call, "permitProvider", "none"),
    requireTls: switchOption(call, "requireTls", "--require-tls"),
    certificate: noneOption(call, "certificate"),
  });
  const rules = named({
    envelopeHeaders: listOption(call, "envelopeHeader", "none"),
    subAddress: switchOption(call, "subAddress", "--sub-address"),
  });
  return { ...(smtp === undefined ? {} : { smtp }), ...(rules === undefined ? {} : { rules }) };
}

function named(settings: Record<string, unknown>): object | undefined {
  const said = Object.entries(settings).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

/** A list; the word `emptyWord` alone is the empty one. */
function listOption(call: Call, name: string, emptyWord: string): string[] | undefined {
  const value = call.options[name];
  if (value === undefined) return undefined;
  const texts = (Array.isArray(value) ? value : [value]).flatMap((text) => String(text).split(","));
  return texts.length === 1 && texts[0] === emptyWord ? [] : texts;
}

function noneOption(call: Call, name: string): string | null | undefined {
  const text = textOption(call, name);
  return text === "none" ? null : text;
}

function switchOption(call: Call, name: string, flag: string): boolean | undefined {
  const text = textOption(call, name);
  if (text === undefined) return undefined;
  if (text !== "on" && text !== "off") throw usageFailure(`${flag} is ${text}; it must be on or off`);
  return text === "on";
}
