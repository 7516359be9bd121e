import type { PeerFacts, PeerLists, MailReach as Reach } from "#connector/index.ts";
import type { Instant } from "#core/index.ts";
import type { ConnectorPeers, MailReach } from "./schemas/mail-door.ts";
import { timeText } from "./times.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** How we are reached, with the certificate's remaining days at `now`. */
export function reachJson({ name, doorways, certificate }: Reach, now: Instant): MailReach {
  return {
    name,
    doorways,
    certificate:
      certificate === null
        ? null
        : {
            ...certificate,
            validUntil: timeText(certificate.validUntil),
            daysLeft: Math.floor((certificate.validUntil - now) / dayMs),
          },
  };
}

/** The peers of a connector, and how they reach us. */
export function peersJson(lists: PeerLists, reach: Reach, now: Instant): ConnectorPeers {
  return {
    reach: reachJson(reach, now),
    delivered: lists.delivered.map(peerJson),
    turnedAway: lists.turnedAway.map(peerJson),
    refused: lists.refused.map(peerJson),
    forgotten: lists.forgotten,
  };
}

/** A line about a peer, its times as text. */
export function peerJson<Line extends PeerFacts>(line: Line) {
  return { ...line, firstAt: timeText(line.firstAt), lastAt: timeText(line.lastAt) };
}
