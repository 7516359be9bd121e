import type { ConnectorId, Instant, MessageId, TenantId } from "#core/index.ts";
import type { Query } from "#query/index.ts";

/** One message as the index sees it. A later document of the same message replaces the earlier one. */
export interface SearchDocument {
  message: MessageId;
  /** The Date field, else when it was received; orders results and answers before: and after:. */
  sentAt: Instant;
  subject: string;
  /** Body text, bounded by the mail reader. */
  text: string;
  /** Header From and Sender: names and addresses. */
  from: string[];
  /** Header To, Cc, Bcc: names and addresses. */
  headerTo: string[];
  headerCc: string[];
  headerBcc: string[];
  /** Envelope senders and recipients over all receipts, with the addresses lists and forwarders stand for. */
  envelopeFrom: string[];
  envelopeTo: string[];
  /** Envelope recipients whose role is bcc. */
  envelopeBcc: string[];
  filenames: string[];
  /** Digests of the message and of every report around it, in hexadecimal. */
  sha256: string[];
  /** Message-ID with angle brackets; null when absent. */
  messageId: string | null;
  connectors: ConnectorId[];
  /** `quarantined`, `held`, `duplicate`, `encrypted`, `partial`, `attachment` …: what is: and has: ask for. */
  marks: string[];
  /** Size of the message in bytes. */
  bytes: number;
}

/** Which hits are wanted. */
export interface PageRequest {
  /** At most this many ids, 1 to 1,000. */
  limit: number;
  /** The `next` of an earlier page of the same query; null for the first. */
  after: string | null;
}

/** Newest first by `sentAt`; ties in a stable order. */
export interface Hits {
  messages: MessageId[];
  /** Exact number of matching messages. */
  total: number;
  next: string | null;
}

/**
 * Derived and disposable: dropping it and applying every change again gives the same answers.
 *
 * Throws {@link Failure} `SEARCH-BROKEN` (retry later) when the engine fails.
 */
export interface SearchIndex {
  /** Adds or replaces `documents` and notes that the catalogue's changes up to `seq` are covered. Idempotent. */
  apply(tenant: TenantId, documents: readonly SearchDocument[], seq: number): Promise<void>;
  /** The highest change covered without gaps; 0 for an empty index. */
  indexedTo(tenant: TenantId): Promise<number>;
  search(tenant: TenantId, query: Query, page: PageRequest): Promise<Hits>;
  /** Number of messages it holds. */
  size(tenant: TenantId): Promise<number>;
  drop(tenant: TenantId): Promise<void>;
  close(): Promise<void>;
}
