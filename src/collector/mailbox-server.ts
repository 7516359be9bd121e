import type { Pop3Settings } from "#catalogue/index.ts";
import type { Pop3Server } from "#pop3/index.ts";
import type { CollectorTools, MailboxConnector } from "./collector.ts";

/**
 * The server of a connector as the client wants it. Who chose no encryption, or to trust anybody, chose to send the password
 * that way; nothing less than that choice makes it leave.
 */
export async function mailboxServer(
  { addresses, secretOf, tokens }: Pick<CollectorTools, "addresses" | "secretOf" | "tokens">,
  connector: MailboxConnector,
): Promise<Pop3Server> {
  const { host, port, tls, verify, user, oauth } = connector.pop3;
  const secrets = tls === "none" ? "clear" : verify.kind === "relaxed" ? "unverified" : "verified";
  const login: Pop3Server["login"] =
    oauth === undefined
      ? { kind: "password", user, password: await secretOf(connector), mechanism: "best" }
      : { kind: "xoauth2", user, source: tokens.sourceOf(connector, oauth) };
  return { host, port, tls, verify, secrets, addresses, login };
}

/** Names a mailbox, whichever connector means it: one is never drained twice at a time. */
export function mailboxKey({ host, port, user }: Pop3Settings): string {
  return `${host.toLowerCase()}:${port} ${user}`;
}
