import type { ConnectorId, ReceiptId, TenantId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** How mail reaches a connector: pushed to us, pulled by us, or read from files. */
export type TransportKind = "smtp" | "pop3" | "import";
/** What a connector's items are: mails as they are, or journal reports that wrap a mail. */
export type ConnectorType = "standard" | "eej";

/** How a recipient was addressed, as far as the source can say. */
export type RecipientRole = "to" | "cc" | "bcc" | "unknown";
/** Why mail went to a recipient that the author did not name: a list was expanded, or the mail forwarded. */
export type RecipientRelation = "direct" | "expanded" | "forwarded";
/** Who said that this address received the mail. */
export type RecipientSource = "report" | "hop" | "header";

/** One recipient of the original message, as an envelope source states it. */
export interface EnvelopeRecipient {
  /** As written by the source, trimmed; not necessarily a valid address. */
  address: string;
  role: RecipientRole;
  relation: RecipientRelation;
  /** The list that was expanded or the mailbox that forwarded, when `relation` is not direct. */
  via: string | null;
  source: RecipientSource;
}

/** Sender and recipients of the original message (P1), never those of the transfer that brought it to us. */
export interface Envelope {
  sender: string | null;
  onBehalfOf: string | null;
  recipients: EnvelopeRecipient[];
}

/** A certificate that a peer showed in a TLS handshake. Nobody vouches for it: the fingerprint is the identity. */
export interface PeerCertificate {
  /** As the certificate states it, cut. */
  subject: string;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  sha256: string;
}

/** The facts of the transfer that brought an item here. */
export interface Hop {
  transport: TransportKind;
  /** `address:port` of the peer, or the file an import read. */
  peer: string | null;
  /** What the peer called itself in HELO or EHLO. */
  helo: string | null;
  /** TLS version and cipher, or null in clear. */
  tls: string | null;
  mailFrom: string | null;
  rcptTo: string[];
  /** POP3 unique id, when the transport is POP3. */
  uidl: string | null;
  /** When the transfer of this item began. */
  begunAt: Instant;
  /** Who logged in to send it, where the peer did. */
  user?: string;
  /** The peer's certificate, where it showed one. */
  certificate?: PeerCertificate;
  /**
   * What the source's own servers found of SPF, DKIM and DMARC: the topmost Authentication-Results field, cut. Nobody here
   * checks it and nothing follows from it.
   */
  authentication?: string;
  /** Where an import found it; absent for everything that was sent or fetched. */
  origin?: Origin;
}

/** Where mail lay that was imported from files. Every text is cut, and is the words of whoever made the files. */
export interface Origin {
  /** The container's file, or for single messages the folder they lay in. */
  source: string;
  /** The folder of the mail inside its container, or on disk; null where there was none. */
  folder: string | null;
  /** Whose mail the container says it is; null where it does not. */
  owner: string | null;
  /** The variant of mbox whose quoting was taken off; quoting it again gives the octets of the file. */
  unquoted?: "mboxo" | "mboxrd";
}

/** What somebody decided about a receipt that was quarantined or held. It becomes a receipt in its place, and is never undone. */
export interface Decision {
  /** The receipt it is about. */
  receipt: ReceiptId;
  /** `retry` reads the item again, `accept` archives it as the message it is, `discard` keeps it out of sight. */
  what: "retry" | "accept" | "discard";
  /** Who decided, as people and tokens are named. */
  by: string;
  /** Why, in their words; null where none were asked for. */
  why: string | null;
  at: Instant;
}

/** What a capture became. Every receipt is in exactly one of these. */
export type ReceiptState = "processing" | "archived" | "duplicate" | "quarantined" | "held";

/** A named person or program in a header field: `name` may be empty, `address` may be malformed. */
export interface Mailbox {
  name: string;
  address: string;
}

/** Where plain copies of a connector say whom the mail really went to. Only what a connector names is believed. */
export interface EnvelopeSources {
  /** Header fields that name envelope recipients, lower case. */
  headers: string[];
  /** The journal address whose sub-addresses (`name+person=domain@…`) name recipients; null when they mean nothing. */
  subAddressOf: string | null;
}

/** Where an item is to be booked. */
export interface Destination {
  tenant: TenantId;
  connector: ConnectorId;
  type: ConnectorType;
  /** Age in days above which a report is held, or null when the rule is off. */
  maxAgeDays: number | null;
  /** Absent where the connector believes nothing but journal reports. */
  envelope?: EnvelopeSources;
}
