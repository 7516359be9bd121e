import { type Static, Type } from "typebox";
import { Count, named, oneOf, orNull, StateWord, strictObject, Time, TransportWord } from "./shared.ts";

const roleWord = oneOf(["to", "cc", "bcc", "unknown"]);

const Mailbox = named("Mailbox", { name: Type.String(), address: Type.String() });

const EnvelopeRecipient = named("EnvelopeRecipient", {
  address: Type.String(),
  role: roleWord,
  relation: oneOf(["direct", "expanded", "forwarded"]),
  via: orNull(Type.String({ description: "the list expanded, or the mailbox that forwarded" })),
  source: oneOf(["report", "hop", "header"]),
});

const Envelope = named("Envelope", {
  sender: orNull(Type.String()),
  onBehalfOf: orNull(Type.String()),
  recipients: Type.Array(EnvelopeRecipient),
});

const summary = {
  id: Type.String(),
  sha256: Type.String(),
  bytes: Count,
  subject: Type.String(),
  from: Type.String({ description: 'as "Name <address>"' }),
  to: Type.Array(Type.String()),
  date: orNull(Time),
  archivedAt: Time,
  state: StateWord,
  reason: orNull(Type.String({ description: "why it was quarantined or held" })),
  flags: Type.Array(Type.String()),
  hasAttachment: Type.Boolean(),
  receipts: Type.Integer({ minimum: 1, description: "captures of these bytes" }),
  envelopeRecipients: Count,
};
export const MessageSummary = named("MessageSummary", summary);
export type MessageSummary = Static<typeof MessageSummary>;

/** Most results on one page. */
const pageLimitMax = 200;
export const pageLimitDefault = 50;
/** Longest query text in characters; a person types less, and a script that needs more should ask twice. */
const queryCharactersMax = 4096;

export const SearchQuery = strictObject({
  q: Type.Optional(
    Type.String({ maxLength: queryCharactersMax, description: "a search in our query language; empty finds all" }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageLimitMax, default: pageLimitDefault })),
  cursor: Type.Optional(Type.String({ maxLength: 1024, description: "nextCursor of the page before" })),
  zone: Type.Optional(
    Type.String({ maxLength: 64, default: "UTC", description: "IANA time zone in which days begin and end" }),
  ),
});

export const SearchResult = named("SearchResult", {
  total: Count,
  data: Type.Array(MessageSummary),
  nextCursor: orNull(Type.String()),
  asOf: Time,
  readAs: Type.String({ description: "how the query was understood" }),
  coverage: Type.Object({ searchable: Count, archived: Count, asOf: Time }),
});

const Origin = named("Origin", {
  source: Type.String({ description: "the container's file, or the folder that single messages lay in" }),
  folder: orNull(Type.String({ description: "the folder of the mail inside the container, or on disk" })),
  owner: orNull(Type.String({ description: "whose mail the container says it is" })),
  unquoted: Type.Optional(oneOf(["mboxo", "mboxrd"], "the variant of mbox whose quoting was taken off")),
});

const Hop = named("Hop", {
  transport: TransportWord,
  peer: orNull(Type.String()),
  helo: orNull(Type.String()),
  tls: orNull(Type.String({ description: "null in clear" })),
  mailFrom: orNull(Type.String()),
  rcptTo: Type.Array(Type.String()),
  user: Type.Optional(Type.String({ description: "who logged in, where the sender did" })),
  certificate: Type.Optional(
    Type.Object(
      { subject: Type.String(), sha256: Type.String() },
      { description: "what the sender showed in the TLS handshake; its fingerprint identifies it" },
    ),
  ),
  authentication: Type.Optional(
    Type.String({ description: "what the source's servers found of SPF, DKIM and DMARC; recorded, never enforced" }),
  ),
  origin: Type.Optional(Origin),
});

const Receipt = named("Receipt", {
  id: Type.String(),
  state: StateWord,
  reason: orNull(Type.String()),
  flags: Type.Array(Type.String()),
  receivedAt: Time,
  archivedAt: Time,
  connector: Type.String(),
  hop: Hop,
  envelope: orNull(Envelope),
  report: orNull(
    named("Report", {
      sha256: Type.String(),
      bytes: Count,
      dialect: Type.String(),
      confidence: Type.Number(),
      reasons: Type.Array(Type.String()),
    }),
  ),
});

const RecipientLine = named("RecipientLine", {
  address: Type.String(),
  inEnvelope: Type.Boolean(),
  inHeader: Type.Boolean(),
  how: Type.String({ description: 'in words, such as "Bcc, envelope only"' }),
});

const MessageHeaders = named("MessageHeaders", {
  from: Type.Array(Mailbox),
  to: Type.Array(Mailbox),
  cc: Type.Array(Mailbox),
  bcc: Type.Array(Mailbox),
  subject: Type.String(),
  date: orNull(Time),
  messageId: orNull(Type.String()),
});

const Part = named("Part", {
  path: Type.String(),
  type: Type.String(),
  filename: orNull(Type.String()),
  bytes: Type.Integer({ minimum: 0, description: "encoded size" }),
});

const RecipientName = Type.Union([
  Type.Object({ issuer: Type.String(), serial: Type.String() }),
  Type.Object({ subjectKeyIdentifier: Type.String() }),
]);

const Signature = named("Signature", {
  state: Type.String(),
  reason: Type.String({ description: "why it is not signed-ok; empty when it is" }),
  signer: orNull(
    Type.Object({
      ...{ id: Type.String(), subject: Type.String(), issuer: Type.String(), serial: Type.String() },
      ...{ addresses: Type.Array(Type.String()), notAfter: Time },
    }),
  ),
  digest: orNull(Type.String()),
});

const Smime = named("Smime", {
  state: Type.String({ description: "such as encrypted-decrypted, encrypted-no-key, signed-ok, signed-bad" }),
  algorithm: orNull(Type.String()),
  recipients: Type.Array(RecipientName),
  key: orNull(Type.String({ description: "SHA-256 of the certificate whose key opened it" })),
  signature: orNull(Signature),
  isCut: Type.Boolean({ description: "something was left unread because of a limit" }),
  decidedAt: Time,
});

const Entity = named("Entity", {
  path: Type.String({ description: "the part it lay in; / stands between what lay inside one another" }),
  sha256: Type.String(),
  bytes: Count,
  isDecrypted: Type.Boolean(),
  isAuthenticated: Type.Boolean({ description: "false: who had the ciphertext could have changed it unnoticed" }),
  headers: MessageHeaders,
  text: Type.String(),
  html: orNull(Type.String({ description: "show it only in a sandbox without scripts and by itself" })),
  parts: Type.Array(Part),
  defects: Type.Array(Type.String()),
});

const DecodedPart = named("DecodedPart", {
  path: Type.String(),
  type: Type.String(),
  filename: orNull(Type.String()),
  bytes: Type.Integer({ minimum: 0, description: "size of the content, decoded" }),
  sha256: Type.String({ description: "of the content, decoded" }),
});

const shownEntity = {
  headers: MessageHeaders,
  parts: Type.Array(DecodedPart),
  text: Type.String(),
  defects: Type.Array(Type.String()),
};

/** Everything understood of one message, as `muniment show` prints it. */
export const ShownMessage = named("ShownMessage", {
  id: Type.String(),
  sha256: Type.String(),
  bytes: Count,
  form: orNull(
    oneOf(["msg", "pst-item"], "how the message is kept where it is no mail; what is shown is derived from it"),
  ),
  journal: orNull(
    Type.Object({ dialect: Type.String(), confidence: Type.Number(), reasons: Type.Array(Type.String()) }),
  ),
  envelope: Envelope,
  ...shownEntity,
  smime: orNull(
    named("ShownSmime", {
      state: Type.String(),
      algorithm: orNull(Type.String()),
      recipients: Type.Array(RecipientName),
      key: orNull(Type.String()),
      isCut: Type.Boolean(),
      signature: orNull(Signature),
      headers: orNull(MessageHeaders),
      text: orNull(Type.String()),
      parts: Type.Array(DecodedPart),
      entities: Type.Array(
        named("ShownEntity", {
          path: Type.String(),
          isDecrypted: Type.Boolean(),
          isAuthenticated: Type.Boolean(),
          ...shownEntity,
        }),
      ),
    }),
  ),
  tnef: Type.Array(
    named("TnefEntity", {
      path: Type.String({ description: "the part it lay in, a slash, and its place inside" }),
      isDecrypted: Type.Boolean(),
      ...shownEntity,
    }),
    { description: "what Outlook had wrapped in winmail.dat parts, outermost first" },
  ),
  direction: orNull(
    oneOf(["internal", "inbound", "outbound", "other"], "as the tenant's own domains decide; null where it has none"),
  ),
  threadId: orNull(Type.String({ description: "the same for all that name the same beginning" })),
  receipts: Type.Array(
    named("ShownReceipt", {
      id: Type.String(),
      at: Time,
      connector: Type.String(),
      state: StateWord,
      reason: orNull(Type.String()),
      flags: Type.Array(Type.String()),
      envelope: orNull(Envelope),
      place: orNull(Type.String({ description: "of an import: the file, and the member in it" })),
      origin: orNull(Origin),
    }),
  ),
  quarantine: orNull(Type.Object({ reason: Type.String() })),
});

export const EntityQuery = strictObject({
  path: Type.String({ maxLength: 4096, description: "path of an entity of the message" }),
});

export const MessageDetail = named("MessageDetail", {
  ...summary,
  messageId: orNull(Type.String()),
  headers: MessageHeaders,
  envelope: orNull(Envelope),
  recipients: Type.Array(RecipientLine),
  parts: Type.Array(Part),
  defects: Type.Array(Type.String()),
  text: Type.String(),
  html: orNull(Type.String({ description: "as the sender wrote it: show it only in a sandbox without scripts" })),
  smime: orNull(Smime),
  entities: Type.Array(Entity, {
    description: "what lay in encrypted, signed or compressed parts; what was encrypted only for those who may see it",
  }),
  verified: Type.Boolean({ description: "the bytes just read have the digest the catalogue states" }),
  // Named last so that the summary's count of receipts gives way to the receipts themselves.
  receipts: Type.Array(Receipt),
});
export type MessageDetail = Static<typeof MessageDetail>;

export const ReportQuery = strictObject({
  receipt: Type.Optional(
    Type.Integer({ minimum: 0, description: "index into receipts; without it, the first that has a report" }),
  ),
});
