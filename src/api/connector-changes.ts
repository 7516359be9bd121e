import type { ConnectorView } from "#connector/index.ts";
import { connectorJson } from "./connector-json.ts";

/**
 * What was changed of a connector, for the audit log: the settings that differ, before and after, as JSON. No secret is in
 * it; that a password was changed is.
 *
 * @param before undefined for a connector that was just added
 */
export function connectorChanges(before: ConnectorView | undefined, after: ConnectorView): string {
  const old = before === undefined ? {} : settingsOf(before);
  const now = settingsOf(after);
  const differing = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]));
  return JSON.stringify({
    ...(before === undefined
      ? {}
      : { before: Object.fromEntries(differing.map(([name]) => [name, old[name] ?? null])) }),
    after: Object.fromEntries(differing),
    ...(secretsOf(before) === secretsOf(after) ? {} : { secret: "changed" }),
  });
}

function settingsOf(view: ConnectorView): Record<string, unknown> {
  const { description, enabled, journalEmailAddress, transport, type, maxAgeDays, pop3, smtp, rules } =
    connectorJson(view);
  return { description, enabled, journalEmailAddress, transport, type, maxAgeDays, pop3, smtp, rules };
}

function secretsOf(view: ConnectorView | undefined): string {
  return JSON.stringify([view?.pop3?.sealedPassword ?? null, view?.smtp?.login ?? null]);
}
