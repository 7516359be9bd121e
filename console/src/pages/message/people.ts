import type { Mailbox } from "../../api.generated.ts";

/** Mailboxes as people write them: `Anna Roth <anna@example.com>, bob@example.com`; "" for none. */
export function people(mailboxes: readonly Mailbox[]): string {
  return mailboxes
    .map(({ name, address }) => (name === "" ? address : address === "" ? name : `${name} <${address}>`))
    .join(", ");
}
