import type { Destination, Instant } from "#core/index.ts";

/** What a session asks to be done, in this order. Each is carried out before the next one is asked for. */
export type Effect =
  /** Says these lines; the final CRLF is not included. */
  | { kind: "reply"; text: string }
  /** Begins an item on the spool. Answered by `Session.failed` when that cannot be. */
  | { kind: "open" }
  /** Adds octets to the item; they may share memory with the chunk. Answered by `failed` when that cannot be. */
  | { kind: "write"; piece: Uint8Array }
  /** Makes the item durable. Answered by `Session.committed` or `failed`, and nothing happens before. */
  | { kind: "commit"; mail: TakenMail }
  /** Forgets the item. */
  | { kind: "abandon" }
  /** Begins TLS behind what was said. Answered by `Session.secured`, unless the connection is gone. */
  | { kind: "secure" }
  /** Asks whether this is a user's password. Answered by `Session.authenticated`. */
  | { kind: "authenticate"; user: string; password: string }
  /** Sends what was said and ends the connection. */
  | { kind: "close"; ending: Ending };

/** Why a session ended by our doing. */
export type Ending = "quit" | "timeout" | "slow" | "stopping" | "suspect" | "protocol" | "flood";

/** Something that was answered 5xx, which a sender takes for final: whoever runs the archive must hear of it. */
export interface Refusal {
  /** The command as it was said, without control characters, cut, and without anything that may be a secret. */
  command: string;
  /** What was answered. */
  reply: string;
  /** Why, in words for the operator. */
  reason: string;
  helo: string | null;
  /** The recipient it was about: the one refused, or the first of the transaction; null when there is none. */
  recipient: string | null;
}

/** The envelope of the transfer whose body has come to its end. */
export interface TakenMail {
  helo: string;
  /** Empty for the null sender. */
  mailFrom: string;
  rcptTo: string[];
  destination: Destination;
  /** When MAIL was accepted. */
  begunAt: Instant;
  /** Who logged in, or null. */
  user: string | null;
}

/** What a session can say of itself at any time, for the log. */
export interface SessionTally {
  helo: string | null;
  user: string | null;
  accepted: number;
  acceptedBytes: number;
  /** Replies of class 4 and 5. */
  temporary: number;
  permanent: number;
}
