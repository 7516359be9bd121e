import type { Instant } from "#core/index.ts";
import type { PeerLists, PeerOwner } from "./peer-lines.ts";

/** One SMTP listener as others see it. */
export interface Doorway {
  /** The addresses it is reached under: where it listens on all, those of this machine. */
  addresses: string[];
  port: number;
  /** Whether TLS comes before the greeting, is offered with STARTTLS, or there is none. */
  tls: "first" | "starttls" | "none";
}

/** What the other side must know to reach us, and to let it through its firewall. */
export interface MailReach {
  /** The name it is reached by, as configured; null when none is. */
  name: string | null;
  doorways: Doorway[];
  /** The certificate shown now; null when there is none. */
  certificate: { subject: string; sha256: string; validUntil: Instant } | null;
}

/** The SMTP side of the running server, for those who look at it. */
export interface MailDoor {
  reach(): MailReach;
  /** What is known of a connector's peers; with null of those that concern none. */
  peers(owner: PeerOwner | null): PeerLists;
}

/** Where senders are told to go: the configured name, else an address; the port they are to use. */
export function placeOfDoor({ name, doorways }: MailReach): { host: string; port: number } {
  const way = doorways.find(({ tls }) => tls !== "first") ?? doorways[0];
  return { host: name ?? way?.addresses[0] ?? "ARCHIVE-HOST", port: way?.port ?? 25 };
}
