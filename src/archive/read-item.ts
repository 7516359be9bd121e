import { type MessageEntry, type ReceiptEntry, type ReportEntry, unreadDefect } from "#catalogue/index.ts";
import { type MessageId, messageIdOf, type Sha256 } from "#core/index.ts";
import { type Unwrapping, unwrap } from "#journal/index.ts";
import { type MailReading, readMessage, type Span, topmostField } from "#mail/index.ts";
import type { SpooledItem } from "#spool/index.ts";
import { judgeAge } from "./age.ts";
import { digestOf } from "./digest.ts";
import { partFacts } from "./part-facts.ts";
import { plainEnvelope } from "./plain-envelope.ts";
import { readMail } from "./readable-mail.ts";

/** Bytes that are to be stored under their digest. */
export interface StoredBytes {
  sha256: Sha256;
  bytes: Uint8Array;
}

/** Bytes to be stored, and where bodies in base64 lie in them. */
export interface StoredText extends StoredBytes {
  bodies: Span[];
}

/** A report as it will be stored: around its message where the message stands in it as it is. */
export interface ReportReading extends StoredText {
  /** Where the message lies in the report; null when the report is to be stored whole. */
  inner: { start: number; end: number } | null;
  facts: Pick<ReportEntry, "dialect" | "confidence" | "reasons">;
}

/** Everything the archive takes from one item. */
export interface ItemReading {
  message: StoredText & { id: MessageId };
  facts: Omit<MessageEntry, "pack" | "storedAt" | "archivedAt">;
  report: ReportReading | null;
  receipt: Omit<ReceiptEntry, "report">;
  /** Text for search. */
  text: string;
}

function base64Bodies(reading: MailReading): Span[] {
  return reading.parts.filter(({ encoding }) => encoding === "base64").map(({ body }) => body);
}

function messageFacts(
  message: StoredBytes & { id: MessageId },
  { reading, formDefects }: Pick<Layers, "reading" | "formDefects">,
): ItemReading["facts"] {
  const { from, to, cc, bcc, subject, messageId, date } = reading.headers;
  return {
    id: message.id,
    sha256: message.sha256,
    bytes: message.bytes.length,
    subject,
    from,
    to,
    cc,
    bcc,
    messageId,
    date,
    parts: reading.parts.filter((part) => !part.isContainer).map(partFacts),
    defects: [...new Set([...formDefects, ...reading.defects.map((defect) => defect.code)])],
  };
}

/** A reading that claims nothing, for an item whose reading failed: the bytes are archived all the same. */
const unread: MailReading = { ...readMessage(new Uint8Array()), parts: [], defects: [{ code: unreadDefect, at: 0 }] };

interface Layers {
  message: StoredText;
  reading: MailReading;
  /** What is wrong with the form that the message is kept in. */
  formDefects: string[];
  report: ReportReading | null;
  state: ReceiptEntry["state"];
  reason: string | null;
  flags: string[];
  envelope: ReceiptEntry["envelope"];
  /** The topmost Authentication-Results of what was delivered, or null. */
  authentication: string | null;
}

function asItIs(item: StoredBytes, reading: MailReading, more: Partial<Layers> = {}): Layers {
  const message = { ...item, bodies: base64Bodies(reading) };
  return {
    message,
    reading,
    formDefects: [],
    report: null,
    state: "archived",
    reason: null,
    flags: [],
    envelope: null,
    authentication: null,
    ...more,
  };
}

function unwrapped(item: StoredBytes, outer: MailReading, found: Unwrapping & { kind: "report" }): Layers {
  const bytes = found.decoded ?? item.bytes.subarray(found.inner.start, found.inner.end);
  const { dialect, confidence, reasons, envelope } = found;
  const reading = readMessage(bytes);
  const inner = found.decoded === null ? found.inner : null;
  const facts = { dialect, confidence, reasons };
  return {
    message: { bytes, sha256: digestOf(bytes), bodies: base64Bodies(reading) },
    reading,
    formDefects: [],
    report: { ...item, bodies: inner === null ? base64Bodies(outer) : [], inner, facts },
    state: "archived",
    reason: null,
    flags: outer.defects.some((defect) => defect.code === "ambiguous") ? ["report_ambiguous"] : [],
    envelope,
    authentication: null,
  };
}

/** Why an item's bytes are left unread: reading it ended a worker, or storing it failed, again and again. */
export type Distrust = "unreadable_crash" | "storing_fault";

/** An item that is archived unread. What somebody decided about it stands all the same, since nothing needs to be read for it. */
function asDistrusted(item: StoredBytes, distrust: Distrust, spooled: SpooledItem): Layers {
  const what = spooled.arrival.decision?.what ?? "retry";
  if (what === "retry") return asItIs(item, unread, { state: "quarantined", reason: distrust });
  return asItIs(item, unread, { flags: what === "discard" ? [distrust, "discarded"] : [distrust] });
}

/** One layer off where the connector carries reports; never on a standard connector, where anyone could forge one. */
function layersOf(item: StoredBytes, spooled: SpooledItem, isClockUnsure: boolean): Layers {
  const { form, bytes, reading, formDefects } = readMail(item.bytes, item.sha256);
  const authentication = topmostField(bytes, reading, "authentication-results", authenticationBytesMax);
  if (form !== null) return { ...asDerived(item, reading, spooled), formDefects, authentication };
  return { ...peeled(item, reading, spooled, isClockUnsure), authentication };
}

/** A message that is read through a mail derived from it: no report, and nothing of it is stored as a part. */
function asDerived(item: StoredBytes, reading: MailReading, { arrival }: SpooledItem): Layers {
  const isReportAwaited = arrival.destination.type === "eej" && arrival.decision?.what !== "discard";
  const flags = arrival.decision?.what === "discard" ? ["discarded"] : isReportAwaited ? ["not_journal_report"] : [];
  return asItIs(item, reading, { message: { ...item, bodies: [] }, flags });
}

/** Of a field of the source's making, so much is put on record. */
const authenticationBytesMax = 2_000;

function peeled(item: StoredBytes, outer: MailReading, spooled: SpooledItem, isClockUnsure: boolean): Layers {
  const { type, maxAgeDays } = spooled.arrival.destination;
  if (spooled.arrival.decision?.what === "discard")
    return asItIs(item, outer, { state: "archived", flags: ["discarded"] });
  if (type === "standard") {
    const { receivedAt } = spooled.arrival;
    const envelope = plainEnvelope(item.bytes, outer, spooled.arrival);
    const age = judgeAge({ report: outer.headers, innerDate: null, receivedAt, maxAgeDays, isClockUnsure });
    // Without a Received field only its author's clock is known, which says nothing of the source.
    const flags = outer.headers.receivedAt === null && !isClockUnsure ? [] : age.flags;
    return asItIs(item, outer, { envelope, flags, ...(age.isTooOld && { state: "held", reason: "too_old" }) });
  }
  const found = unwrap(item.bytes, outer);
  switch (found.kind) {
    case "not_report":
      return asItIs(item, outer, { flags: ["not_journal_report"] });
    case "bounce":
      return asItIs(item, outer, { flags: ["not_journal_report", "bounce"] });
    case "copy":
      // Anybody could have written those fields: only a standard connector that names them believes them.
      return asItIs(item, outer, { flags: ["not_journal_report", "envelope_in_header"] });
    case "unreadable":
      return asItIs(item, outer, { state: "quarantined", reason: found.reason });
    case "report": {
      const layers = unwrapped(item, outer, found);
      const { receivedAt } = spooled.arrival;
      const innerDate = layers.reading.headers.date;
      const age = judgeAge({ report: outer.headers, innerDate, receivedAt, maxAgeDays, isClockUnsure });
      layers.flags.push(...age.flags);
      if (age.isTooOld) return { ...layers, state: "held", reason: "too_old" };
      return layers;
    }
  }
}

/**
 * Reads one spooled item: what the message is, what the report around it says, and what the receipt will state.
 *
 * Never throws on mail. `distrust` leaves the bytes unread, for an item that brought down what read or stored it.
 * `isClockUnsure` suspends the age rule.
 */
export function readItem(
  spooled: SpooledItem,
  bytes: Uint8Array,
  distrust: Distrust | null,
  isClockUnsure = false,
): ItemReading {
  const item: StoredBytes = { bytes, sha256: spooled.sha256 };
  let layers: Layers;
  try {
    layers = distrust === null ? layersOf(item, spooled, isClockUnsure) : asDistrusted(item, distrust, spooled);
  } catch {
    // A fault of our reader, not of the mail: the bytes are kept whole and shown as what could not be handled.
    layers = asItIs(item, unread, { state: "quarantined", reason: "reader_fault" });
  }
  const { arrival } = spooled;
  const message = { ...layers.message, id: messageIdOf(layers.message.sha256) };
  return {
    message,
    facts: messageFacts(message, layers),
    report: layers.report,
    receipt: {
      receipt: arrival.receipt,
      message: message.id,
      connector: arrival.destination.connector,
      state: layers.state,
      reason: layers.reason,
      flags: layers.flags,
      receivedAt: arrival.receivedAt,
      hop: layers.authentication === null ? arrival.hop : { ...arrival.hop, authentication: layers.authentication },
      envelope: layers.envelope,
      sourceKey: arrival.sourceKey,
      ...(arrival.decision === undefined ? {} : { decision: arrival.decision }),
    },
    text: layers.reading.text,
  };
}
