import type { EnvelopeRules, SmtpSettings } from "#catalogue/index.ts";
import { Failure } from "#core/index.ts";
import { addressRanges } from "#smtp/index.ts";
import type { SmtpChanges } from "./connectors.ts";
import { openToAll } from "./permission.ts";
import { rangesOfProvider } from "./provider-ranges.ts";

/** Ranges one connector may list: more than any provider publishes, and few enough to ask at every RCPT. */
export const permittedRangesMax = 200;
/** Header fields one connector may name: those of every system known to us, twice over. */
export const envelopeHeadersMax = 20;

/**
 * Settings with changes made to them, each list without repetitions.
 *
 * @throws `ADDRESS-RANGE`, `CON-SOURCES`
 */
export function changedSmtp(before: SmtpSettings | undefined, changes: SmtpChanges): SmtpSettings {
  const settings: SmtpSettings = { ...openToAll, ...before, ...changes };
  const permitted = distinct(settings.permitted.map((range) => range.trim().toLowerCase()));
  const presets = distinct(settings.presets);
  const certificate = settings.certificate?.replaceAll(":", "").trim().toLowerCase() ?? null;
  addressRanges(permitted);
  if (permitted.length > permittedRangesMax) throw sources(`a connector lists at most ${permittedRangesMax} ranges`);
  const unknown = presets.find((id) => rangesOfProvider(id) === undefined);
  if (unknown !== undefined) throw sources(`no provider is known as ${unknown}`);
  if (certificate !== null && !/^[0-9a-f]{64}$/.test(certificate))
    throw sources("a certificate is named by its SHA-256, 64 hexadecimal digits");
  return { ...settings, permitted, presets, certificate };
}

/** Settings that permit one more range. Throws `ADDRESS-RANGE`, `CON-SOURCES`, `CON-OPEN`. */
export function withRange(before: SmtpSettings | undefined, range: string): SmtpSettings {
  const { permitted, presets } = before ?? openToAll;
  if (permitted.length + presets.length === 0) {
    throw new Failure("CON-OPEN", "never", "this connector has no list and takes mail from any address already", {
      effect: "nothing was changed",
    });
  }
  return changedSmtp(before, { permitted: [...permitted, range] });
}

/** Rules with changes made to them. Throws `CON-ENVELOPE`. */
export function changedRules(before: EnvelopeRules | undefined, changes: Partial<EnvelopeRules>): EnvelopeRules {
  const rules = { envelopeHeaders: [], subAddress: false, ...before, ...changes };
  const envelopeHeaders = distinct(rules.envelopeHeaders.map((name) => name.trim().replace(/:$/, "")));
  const wrong = envelopeHeaders.find((name) => !/^[!-9;-~]{1,76}$/.test(name));
  if (wrong !== undefined) throw envelope(`${JSON.stringify(wrong)} is no name of a header field`);
  if (envelopeHeaders.length > envelopeHeadersMax)
    throw envelope(`a connector reads at most ${envelopeHeadersMax} header fields`);
  return { ...rules, envelopeHeaders };
}

/** Without repetitions, which may differ in case. */
function distinct(texts: readonly string[]): string[] {
  return [...new Map(texts.map((text) => [text.toLowerCase(), text])).values()];
}

function sources(message: string): Failure {
  return new Failure("CON-SOURCES", "never", message, { effect: "nothing was changed" });
}

function envelope(message: string): Failure {
  return new Failure("CON-ENVELOPE", "never", message, { effect: "nothing was changed" });
}
