import type { Pop3Settings } from "#catalogue/index.ts";
import type { Pop3Server } from "#pop3/index.ts";

/**
 * The server of a connector as the client wants it. Who chose no encryption, or to trust anybody, chose to send the password
 * that way; nothing less than that choice makes it leave.
 */
export function mailboxServer(
  settings: Pop3Settings,
  password: string,
  addresses: Pop3Server["addresses"],
): Pop3Server {
  const { host, port, tls, verify, user } = settings;
  const secrets = tls === "none" ? "clear" : verify.kind === "relaxed" ? "unverified" : "verified";
  return {
    ...{ host, port, tls, verify, secrets, addresses },
    login: { kind: "password", user, password, mechanism: "best" },
  };
}

/** Names a mailbox, whichever connector means it: one is never drained twice at a time. */
export function mailboxKey({ host, port, user }: Pop3Settings): string {
  return `${host.toLowerCase()}:${port} ${user}`;
}
