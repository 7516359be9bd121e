import type { ConnectorId, Instant, TenantId } from "#core/index.ts";
import type { Lacking } from "#spool/index.ts";

/** What the lines about peers have in common: whom they are about, how often and when. */
export interface PeerFacts {
  /** IP address. */
  address: string;
  /** What it called itself last. */
  helo: string | null;
  /** TLS version and cipher of the last time, or null in clear. */
  tls: string | null;
  /** Items delivered, or attempts. */
  times: number;
  firstAt: Instant;
  lastAt: Instant;
}

/** A peer that delivered mail. */
export interface DeliveredLine extends PeerFacts {
  /** Who logged in, the last time. */
  user: string | null;
  /** SHA-256 of the certificate it showed, the last time. */
  certificate: string | null;
}

/** A peer that was told 451, as it may not send to this connector. */
export interface TurnedAwayLine extends PeerFacts {
  lacking: Lacking;
}

/** Something that was answered 5xx. */
export interface RefusedLine extends PeerFacts {
  command: string;
  reply: string;
  reason: string;
}

/** What is known of the peers of one connector; each list newest first. */
export interface PeerLists {
  delivered: DeliveredLine[];
  turnedAway: TurnedAwayLine[];
  refused: RefusedLine[];
  /** Lines that were given up for others. */
  forgotten: number;
}

/** Whose peers they are; null for what belongs to no connector. */
export interface PeerOwner {
  tenant: TenantId;
  id: ConnectorId;
}
