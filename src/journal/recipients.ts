import { type EnvelopeRecipient, foldAddress } from "#core/index.ts";
import type { MailReading } from "#mail/index.ts";

/**
 * Recipients that header fields of a copy name, each once. The message's own header says how each was addressed; one that
 * it does not name may be a Bcc, a member of a list or a forward.
 */
export function copyRecipients(addresses: Iterable<string>, { headers }: MailReading): EnvelopeRecipient[] {
  const named = (list: MailReading["headers"]["to"]) => new Set(list.map(({ address }) => foldAddress(address)));
  const fields = [
    ["to", named(headers.to)],
    ["cc", named(headers.cc)],
    ["bcc", named(headers.bcc)],
  ] as const;
  const seen = new Set<string>();
  const recipients: EnvelopeRecipient[] = [];
  for (const address of addresses) {
    const folded = foldAddress(address);
    if (address === "" || seen.has(folded)) continue;
    seen.add(folded);
    const role = fields.find(([, addressed]) => addressed.has(folded))?.[0] ?? "unknown";
    recipients.push({ address, role, relation: "direct", via: null, source: "header" });
  }
  return recipients;
}
