// Written by scripts/client.ts from the OpenAPI document. Change the schemas in src/api/schemas instead.

export type ArchiveStatus = {
  /** the sum of the five that follow */
  received: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
  /** received less the five states; anything but 0 is a fault of ours */
  unaccounted: number;
  /** different messages, each stored once */
  messages: number;
  searchable: number;
  connectors: ConnectorTally[];
  /** what the scrub or a verification found damaged and not mended since; the first of damagedPlaces */
  damage: Array<{
    id: string | null;
    pack: string;
    place: string;
  }>;
  /** how many there are; more than a few are not listed */
  damagedPlaces: number;
  scrubbedAt: string | null;
  asOf: string;
};

export type AuditEntry = {
  /** number in the tenant's log, without gaps */
  seq: number;
  at: string;
  kind: "person" | "token" | "local";
  who: string;
  action: string;
  subjects: string[];
  note: string | null;
  /** SHA-256 that covers the entry and the hash before it */
  hash: string;
};

export type AuditList = {
  data: AuditEntry[];
  nextCursor: string | null;
};

export type BackupLine = ProgressLine | BackupResultLine | ProblemLine;

export type BackupResult = {
  directory: string;
  id: string;
  snapshotAt: string;
  isKeyProtected: boolean;
  tenants: Array<{
    id: string;
    changes: number;
    messages: number;
    receipts: number;
    packs: number;
    packBytes: number;
  }>;
  packs: {
    count: number;
    bytes: number;
    copied: number;
    copiedBytes: number;
  };
  /** accepted messages that were not archived in time */
  notIncluded: number;
  /** packs that are damaged in the archive, or gone, and of which there is no good copy */
  left: Array<{
    kind: "damaged" | "missing";
    tenant: string;
    pack: string;
  }>;
  lastRestoreTest: {
    testedAt: string;
    backup: string;
  } | null;
};

export type BackupResultLine = {
  result: BackupResult;
};

export type Claim = {
  token: string;
  email: string;
  /** at least 12 characters when it is chosen */
  passphrase: string;
};

export type ClaimCheck = {
  valid: boolean;
  expiresAt: string;
};

export type Connector = {
  id: string;
  description: string;
  enabled: boolean;
  journalEmailAddress: string;
  /** for SMTP: where our listener is reached */
  hostname: string;
  transport: "smtp" | "pop3";
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** durable here, not yet archived */
  processingQueue: number;
  oldestAgeSeconds: number;
  pop3MailboxQueue: number | null;
  pop3MailboxQueueAt: string | null;
  status: "running" | "running_quarantine" | "awaiting_initial_run" | "error" | "disabled";
  statusReason: string;
  lastSuccessAt: string | null;
  maxAgeDays: number | null;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** archived + duplicate + quarantined + held + processingQueue */
  received: number;
  createdAt: string;
  /** for If-Match */
  version: number;
};

export type ConnectorChanges = {
  /** unique in the tenant */
  description?: string;
  enabled?: boolean;
  /** the address journal mail is sent to; unique in the installation */
  journalEmailAddress?: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type?: "standard" | "eej";
  maxAgeDays?: number | null;
};

export type ConnectorList = {
  data: Connector[];
  nextCursor: string | null;
  asOf: string;
};

export type ConnectorTally = {
  id: string;
  description: string;
  /** the sum of the five that follow */
  received: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
  oldestAgeSeconds: number;
};

export type Damage = {
  id: string | null;
  pack: string;
  place: string;
  detail: string;
};

export type Envelope = {
  sender: string | null;
  onBehalfOf: string | null;
  recipients: EnvelopeRecipient[];
};

export type EnvelopeRecipient = {
  address: string;
  role: "to" | "cc" | "bcc" | "unknown";
  relation: "direct" | "expanded" | "forwarded";
  via: string | null;
  source: "report" | "hop" | "header";
};

export type Health = {
  status: string;
};

export type Hop = {
  transport: "smtp" | "pop3" | "import";
  peer: string | null;
  helo: string | null;
  tls: string | null;
  mailFrom: string | null;
  rcptTo: string[];
  /** who logged in, where the sender did */
  user?: string;
  /** what the sender showed in the TLS handshake; its fingerprint identifies it */
  certificate?: {
    subject: string;
    sha256: string;
  };
};

export type ImportOutcome = {
  state: "accepted" | "known";
};

export type ImportRun = {
  accepted: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
};

export type ImportStarted = {
  id: string;
};

export type Mailbox = {
  name: string;
  address: string;
};

export type MessageDetail = {
  id: string;
  sha256: string;
  bytes: number;
  subject: string;
  /** as "Name <address>" */
  from: string;
  to: string[];
  date: string | null;
  archivedAt: string;
  state: "archived" | "duplicate" | "quarantined" | "held";
  reason: string | null;
  flags: string[];
  hasAttachment: boolean;
  receipts: Receipt[];
  envelopeRecipients: number;
  messageId: string | null;
  headers: MessageHeaders;
  envelope: Envelope | null;
  recipients: RecipientLine[];
  parts: Part[];
  defects: string[];
  text: string;
  html: string | null;
  /** the bytes just read have the digest the catalogue states */
  verified: boolean;
};

export type MessageHeaders = {
  from: Mailbox[];
  to: Mailbox[];
  cc: Mailbox[];
  bcc: Mailbox[];
  subject: string;
  date: string | null;
  messageId: string | null;
};

export type MessageSummary = {
  id: string;
  sha256: string;
  bytes: number;
  subject: string;
  /** as "Name <address>" */
  from: string;
  to: string[];
  date: string | null;
  archivedAt: string;
  state: "archived" | "duplicate" | "quarantined" | "held";
  reason: string | null;
  flags: string[];
  hasAttachment: boolean;
  /** captures of these bytes */
  receipts: number;
  envelopeRecipients: number;
};

export type NewBackup = {
  /** absolute path on the server's machine: new, empty, or a backup of this installation */
  directory: string;
  /** also read every pack that is there already */
  check?: boolean;
};

export type NewConnector = {
  /** unique in the tenant */
  description: string;
  transport: "smtp";
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** the address journal mail is sent to; unique in the installation */
  journalEmailAddress: string;
  maxAgeDays?: number | null;
};

export type NewToken = {
  role: "operator" | "admin" | "compliance" | "auditor" | "user";
  label?: string;
  expiresInDays?: number;
};

export type Part = {
  path: string;
  type: string;
  filename: string | null;
  /** encoded size */
  bytes: number;
};

export type Problem = {
  /** urn:muniment:problem: and the code in lower case */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** stable, upper case */
  code: string;
  /** also in the header x-trace-id and in the server's log */
  traceId: string;
  /** what this means for mail */
  effect: string;
  errors?: Array<{
    /** JSON pointer into the request */
    pointer?: string;
    /** column in the query, from 0 */
    column?: number;
    detail: string;
    suggestion?: string;
  }>;
};

export type ProblemLine = {
  problem: Problem;
};

export type ProgressLine = {
  progress: {
    done: number;
    total: number;
    unit: string;
  };
};

/** receipts, or a reason for all that wait for it: a page at a time, until nextCursor is null */
export type QuarantineDecision = {
  action: "retry" | "accept" | "discard";
  receipts?: string[];
  reason?: string;
  connector?: string;
  cursor?: number;
  /** why; a discard needs it */
  note?: string;
};

export type QuarantineItem = {
  receipt: string;
  /** the message it is stored as */
  message: string;
  connector: {
    id: string;
    description: string;
  };
  state: "archived" | "duplicate" | "quarantined" | "held";
  reason: string;
  /** the reason in words */
  words: string;
  /** what it means for this mail, and what helps */
  meaning: string;
  actions: Array<"retry" | "accept" | "discard">;
  receivedAt: string;
  /** of what arrived */
  bytes: number;
  /** of what arrived */
  sha256: string;
  peer: string | null;
  mailFrom: string | null;
  decision: ReceiptDecision | null;
};

export type QuarantineList = {
  data: QuarantineItem[];
  nextCursor: string | null;
  /** how many wait, by reason, over everything */
  reasons: QuarantineReason[];
  asOf: string;
};

export type QuarantineOutcome = {
  receipt: string;
  /** unchanged: read again with the same end; decided: somebody took it in before; failed: with code, can be asked again */
  outcome: "done" | "unchanged" | "decided" | "unknown" | "failed";
  state: "archived" | "duplicate" | "quarantined" | "held" | null;
  reason: string | null;
  code: string | null;
};

export type QuarantineOutcomes = {
  data: QuarantineOutcome[];
  nextCursor: string | null;
};

export type QuarantineReason = {
  reason: string;
  state: "quarantined" | "held";
  words: string;
  meaning: string;
  count: number;
  oldestAt: string;
};

export type RebuildLine = ProgressLine | RebuildResultLine | ProblemLine;

export type RebuildResultLine = {
  result: {
    messages: number;
  };
};

export type Receipt = {
  id: string;
  state: "archived" | "duplicate" | "quarantined" | "held";
  reason: string | null;
  flags: string[];
  receivedAt: string;
  archivedAt: string;
  connector: string;
  hop: Hop;
  envelope: Envelope | null;
  report: Report | null;
};

export type ReceiptDecision = {
  action: "retried" | "accepted" | "discarded";
  at: string;
  by: string;
  note: string | null;
};

export type RecipientLine = {
  address: string;
  inEnvelope: boolean;
  inHeader: boolean;
  /** in words, such as "Bcc, envelope only" */
  how: string;
};

export type Report = {
  sha256: string;
  bytes: number;
  dialect: string;
  confidence: number;
  reasons: string[];
};

export type SearchResult = {
  total: number;
  data: MessageSummary[];
  nextCursor: string | null;
  asOf: string;
  /** how the query was understood */
  readAs: string;
  coverage: {
    searchable: number;
    archived: number;
    asOf: string;
  };
};

export type Session = {
  user: User;
};

export type SignIn = {
  email: string;
  /** at least 12 characters when it is chosen */
  passphrase: string;
};

export type Tenant = {
  id: string;
  name: string;
};

export type TenantList = {
  data: Tenant[];
  nextCursor: string | null;
  asOf: string;
};

export type Token = {
  /** shown this once */
  token: string;
  role: "operator" | "admin" | "compliance" | "auditor" | "user";
  expiresAt: string;
};

export type User = {
  email: string | null;
  /** e-mail, label of the token, or local administrator */
  label: string;
  role: "operator" | "admin" | "compliance" | "auditor" | "user";
  permissions: string[];
  tenant: Tenant;
};

export type Verification = {
  /** share of the bytes, drawn by lot in whole packs */
  sample?: number;
  /** only packs made at or after this time */
  since?: string;
};

export type VerificationLine = ProgressLine | VerificationResultLine | ProblemLine;

export type VerificationResult = {
  ok: boolean;
  checked: number;
  packs: number;
  bytes: number;
  /** what there is, of which so much was read */
  of: {
    packs: number;
    bytes: number;
  };
  damaged: Damage[];
  /** packs in the store that the catalogue does not know; the next start takes them in */
  unknown: Array<{
    pack: string;
    bytes: number;
  }>;
};

export type VerificationResultLine = {
  result: VerificationResult;
};

/** An answer that says what went wrong (RFC 9457). */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

interface SendOptions {
  headers?: Record<string, string | undefined>;
  body?: unknown;
  signal: AbortSignal | undefined;
}

async function request(method: string, address: string, options: SendOptions): Promise<Response> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers.set(name, value);
  }
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.signal !== undefined) init.signal = options.signal;
  if (options.body instanceof Blob || options.body instanceof ArrayBuffer) {
    headers.set("content-type", "message/rfc822");
    init.body = options.body;
  } else if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  const response = await fetch(address, init);
  if (!response.ok) throw new ApiProblem(await problemIn(response));
  return response;
}

async function send<T>(method: string, address: string, options: SendOptions): Promise<T> {
  const response = await request(method, address, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function* sendForLines<T>(method: string, address: string, options: SendOptions): AsyncGenerator<T> {
  const response = await request(method, address, options);
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as T;
    }
    if (rest !== "") yield JSON.parse(rest) as T;
  } finally {
    await reader.cancel();
  }
}

/** What is between us and the server may answer too, and not in our words. */
async function problemIn(response: Response): Promise<Problem> {
  const traceId = response.headers.get("x-trace-id") ?? "";
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    return (await response.json()) as Problem;
  }
  const title = response.statusText || "Problem";
  return {
    type: "about:blank",
    title,
    status: response.status,
    detail: "the server's answer could not be read",
    code: "HTTP-" + response.status,
    traceId,
    effect: "no mail is lost",
  };
}

function queryText(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? "" : "?" + query;
}

/** Add an enabled connector. */
export function addConnector(request: {
  body: NewConnector;
}, signal?: AbortSignal): Promise<Connector> {
  return send<Connector>("POST", `/api/v1/connectors`, { body: request.body, signal });
}

/** Copy everything to a folder of the server's machine; only through the local socket. */
export function backUp(request: {
  body: NewBackup;
}, signal?: AbortSignal): AsyncGenerator<BackupLine> {
  return sendForLines<BackupLine>("POST", `/api/v1/backups`, { body: request.body, signal });
}

/** Whether a claim link can be used; 410 when not. */
export function checkClaim(request: {
  token: string;
}, signal?: AbortSignal): Promise<ClaimCheck> {
  return send<ClaimCheck>("GET", `/api/v1/claim${queryText({ token: request.token })}`, { signal });
}

/** Become the archive's first administrator. */
export function claim(request: {
  body: Claim;
}, signal?: AbortSignal): Promise<Session> {
  return send<Session>("POST", `/api/v1/claim`, { body: request.body, signal });
}

/** Begin an import. */
export function createImport(signal?: AbortSignal): Promise<ImportStarted> {
  return send<ImportStarted>("POST", `/api/v1/imports`, { signal });
}

/** Make a token; it is shown this once. */
export function createToken(request: {
  body: NewToken;
}, signal?: AbortSignal): Promise<Token> {
  return send<Token>("POST", `/api/v1/tokens`, { body: request.body, signal });
}

/** Retry, accept or discard items; nothing is deleted by any of it. */
export function decideQuarantine(request: {
  body: QuarantineDecision;
}, signal?: AbortSignal): Promise<QuarantineOutcomes> {
  return send<QuarantineOutcomes>("POST", `/api/v1/quarantine/decisions`, { body: request.body, signal });
}

/** Change a connector; what is left out stays. */
export function editConnector(request: {
  id: string;
  /** the version that was read */
  ifMatch?: string;
  body: ConnectorChanges;
}, signal?: AbortSignal): Promise<Connector> {
  return send<Connector>("PATCH", `/api/v1/connectors/${encodeURIComponent(request.id)}`, { headers: { "if-match": request.ifMatch }, body: request.body, signal });
}

/** One connector. */
export function getConnector(request: {
  id: string;
}, signal?: AbortSignal): Promise<Connector> {
  return send<Connector>("GET", `/api/v1/connectors/${encodeURIComponent(request.id)}`, { signal });
}

/** How far an import is. */
export function getImport(request: {
  id: string;
}, signal?: AbortSignal): Promise<ImportRun> {
  return send<ImportRun>("GET", `/api/v1/imports/${encodeURIComponent(request.id)}`, { signal });
}

/** The process answers. */
export function getLiveness(signal?: AbortSignal): Promise<Health> {
  return send<Health>("GET", `/livez`, { signal });
}

/** One message, read. */
export function getMessage(request: {
  id: string;
}, signal?: AbortSignal): Promise<MessageDetail> {
  return send<MessageDetail>("GET", `/api/v1/messages/${encodeURIComponent(request.id)}`, { signal });
}

/** This document. */
export function getOpenApi(signal?: AbortSignal): Promise<unknown> {
  return send<unknown>("GET", `/api/v1/openapi.json`, { signal });
}

/** One item, by its receipt. */
export function getQuarantineItem(request: {
  id: string;
}, signal?: AbortSignal): Promise<QuarantineItem> {
  return send<QuarantineItem>("GET", `/api/v1/quarantine/${encodeURIComponent(request.id)}`, { signal });
}

/** The message's bytes. */
export function getRawMessageUrl(request: {
  id: string;
}): string {
  return `/api/v1/messages/${encodeURIComponent(request.id)}/raw`;
}

/** The bytes that arrived, the journal report included. */
export function getRawQuarantineItemUrl(request: {
  id: string;
}): string {
  return `/api/v1/quarantine/${encodeURIComponent(request.id)}/raw`;
}

/** The bytes of a journal report around the message. */
export function getRawReportUrl(request: {
  /** index into receipts; without it, the first that has a report */
  receipt?: number;
  id: string;
}): string {
  return `/api/v1/messages/${encodeURIComponent(request.id)}/report${queryText({ receipt: request.receipt })}`;
}

/** Mail can be taken; 503 when not. */
export function getReadiness(signal?: AbortSignal): Promise<Health> {
  return send<Health>("GET", `/readyz`, { signal });
}

/** Who I am. */
export function getSession(signal?: AbortSignal): Promise<Session> {
  return send<Session>("GET", `/api/v1/session`, { signal });
}

/** What was received, and where it all is. */
export function getStatus(signal?: AbortSignal): Promise<ArchiveStatus> {
  return send<ArchiveStatus>("GET", `/api/v1/status`, { signal });
}

/** Who did what, newest first. */
export function listAudit(request: {
  cursor?: number;
  limit?: number;
} = {}, signal?: AbortSignal): Promise<AuditList> {
  return send<AuditList>("GET", `/api/v1/audit${queryText({ cursor: request.cursor, limit: request.limit })}`, { signal });
}

/** Connectors, by description. */
export function listConnectors(signal?: AbortSignal): Promise<ConnectorList> {
  return send<ConnectorList>("GET", `/api/v1/connectors`, { signal });
}

/** Quarantined and held items in the order they were archived, and counts by reason. */
export function listQuarantine(request: {
  reason?: string;
  connector?: string;
  /** what waits for a decision, or what was discarded */
  show?: "open" | "discarded";
  cursor?: number;
  limit?: number;
} = {}, signal?: AbortSignal): Promise<QuarantineList> {
  return send<QuarantineList>("GET", `/api/v1/quarantine${queryText({ reason: request.reason, connector: request.connector, show: request.show, cursor: request.cursor, limit: request.limit })}`, { signal });
}

/** Your tenant; all of them for the local administrator. */
export function listTenants(signal?: AbortSignal): Promise<TenantList> {
  return send<TenantList>("GET", `/api/v1/tenants`, { signal });
}

/** Offer one message; answered when it is durable. */
export function offerImportMessage(request: {
  /** where it was read from: the same key again adds nothing */
  sourceKey: string;
  /** for people: the file or folder it came from */
  label: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  id: string;
  body: Blob | ArrayBuffer;
}, signal?: AbortSignal): Promise<ImportOutcome> {
  return send<ImportOutcome>("POST", `/api/v1/imports/${encodeURIComponent(request.id)}/messages${queryText({ sourceKey: request.sourceKey, label: request.label, type: request.type })}`, { body: request.body, signal });
}

/** Make the search index anew from the archive. */
export function rebuildSearch(signal?: AbortSignal): AsyncGenerator<RebuildLine> {
  return sendForLines<RebuildLine>("POST", `/api/v1/search/rebuild`, { signal });
}

/** Messages that match, newest first. */
export function searchMessages(request: {
  /** a search in our query language; empty finds all */
  q?: string;
  limit?: number;
  /** nextCursor of the page before */
  cursor?: string;
  /** IANA time zone in which days begin and end */
  zone?: string;
} = {}, signal?: AbortSignal): Promise<SearchResult> {
  return send<SearchResult>("GET", `/api/v1/messages${queryText({ q: request.q, limit: request.limit, cursor: request.cursor, zone: request.zone })}`, { signal });
}

/** Sign in. */
export function signIn(request: {
  body: SignIn;
}, signal?: AbortSignal): Promise<Session> {
  return send<Session>("POST", `/api/v1/session`, { body: request.body, signal });
}

/** Sign out. */
export function signOut(signal?: AbortSignal): Promise<void> {
  return send<void>("DELETE", `/api/v1/session`, { signal });
}

/** Events `connectors` and `status`: a snapshot, then each change. */
export function streamEventsUrl(): string {
  return `/api/v1/events`;
}

/** Read every stored byte, or a share of them, and compare with digests. */
export function verify(request: {
  body: Verification;
}, signal?: AbortSignal): AsyncGenerator<VerificationLine> {
  return sendForLines<VerificationLine>("POST", `/api/v1/verifications`, { body: request.body, signal });
}
