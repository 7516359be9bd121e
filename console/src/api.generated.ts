// Written by scripts/client.ts from the OpenAPI document. Change the schemas in src/api/schemas instead.

export type Allowance = {
  /** an address or a CIDR range */
  range: string;
};

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
  /** numbers of the last change of the archive that the search index covers, and of the last there is */
  index: {
    coveredTo: number;
    lastChange: number;
  };
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
  opening: {
    done: number;
    total: number;
  } | null;
  mail: MailReach;
  asOf: string;
};

export type AuditBreak = {
  seq: number;
  kind: "changed" | "missing";
  words: string;
};

export type AuditEntry = {
  /** number in the tenant's log, without gaps */
  seq: number;
  at: string;
  kind: "person" | "token" | "local" | "unknown";
  who: string;
  action: string;
  subjects: string[];
  note: string | null;
  /** SHA-256 that covers the entry and the hash before it */
  hash: string;
};

export type AuditHead = {
  /** keep it elsewhere: it shows later what was cut off */
  seq: number;
  hash: string;
};

export type AuditList = {
  data: AuditEntry[];
  nextCursor: string | null;
};

export type AuditVerification = {
  ok: boolean;
  entries: number;
  head: AuditHead | null;
  breaks: AuditBreak[];
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

export type Certificate = {
  kind: "key" | "authority";
  /** SHA-256 of the certificate */
  id: string;
  subject: string;
  issuer: string;
  serial: string;
  addresses: string[];
  notBefore: string;
  notAfter: string;
  addedAt: string;
  /** messages that this key opened */
  opened: number;
  /** messages that name this key and are not opened */
  waiting: number;
};

export type CertificateList = {
  certificates: Certificate[];
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
  /** for SMTP: where our listener is reached; for POP3: the server, as host:port */
  hostname: string;
  transport: "smtp" | "pop3";
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** durable here, not yet archived */
  processingQueue: number;
  oldestAgeSeconds: number;
  pop3MailboxQueue: number | null;
  pop3MailboxQueueAt: string | null;
  status: "running" | "running_retrying" | "running_delayed" | "running_quiet" | "running_quarantine" | "awaiting_initial_run" | "error" | "unknown" | "disabled";
  statusReason: string;
  lastSuccessAt: string | null;
  maxAgeDays: number | null;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** archived + duplicate + quarantined + held + processingQueue */
  received: number;
  /** how much of the envelope really arrives: all, some, the header only; null while nothing has come */
  fidelity: {
    grade: "A" | "B" | "C" | null;
    sentence: string;
    /** the newest, by which it was judged */
    receipts: number;
  };
  /** systems whose newest mail says that their clock is wrong */
  sourceClocks: Array<{
    /** what the system calls itself, else its address */
    source: string;
    /** ahead; below zero behind, by that or more */
    offsetMinutes: number;
    at: string;
  }>;
  /** suspended while our own clock is in doubt */
  ageRule: {
    state: "off" | "in_force" | "suspended";
    sentence: string;
  };
  /** of those received, journal reports that came back undelivered and were journaled again */
  looped: number;
  lastLoopedAt: string | null;
  pop3: Pop3Settings | null;
  mailbox: MailboxStanding | null;
  smtp: SmtpSettings | null;
  rules: EnvelopeRules;
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
  pop3?: Pop3Changes;
  smtp?: SmtpChanges;
  rules?: EnvelopeRulesChanges;
};

export type ConnectorList = {
  data: Connector[];
  nextCursor: string | null;
  asOf: string;
};

export type ConnectorLogin = {
  user: string;
  /** shown this once */
  password: string;
};

export type ConnectorPeers = {
  reach: MailReach;
  delivered: DeliveredPeer[];
  turnedAway: TurnedAwayPeer[];
  /** what was answered 5xx */
  refused: RefusedPeer[];
  /** lines given up for others */
  forgotten: number;
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

export type DecisionLine = ProgressLine | DecisionResultLine | ProblemLine;

export type DecisionResult = {
  decided: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
};

export type DecisionResultLine = {
  result: DecisionResult;
};

export type DecodedPart = {
  path: string;
  type: string;
  filename: string | null;
  /** size of the content, decoded */
  bytes: number;
  /** of the content, decoded */
  sha256: string;
};

export type DecryptionKeys = {
  certificates: Certificate[];
  /** recipients of waiting mail that no key here belongs to */
  waiting: Array<{
    recipient: string;
    messages: number;
  }>;
  states: Array<{
    state: string;
    messages: number;
  }>;
};

export type DeliveredPeer = {
  address: string;
  helo: string | null;
  tls: string | null;
  times: number;
  firstAt: string;
  lastAt: string;
  user: string | null;
  certificate: string | null;
};

export type Doorway = {
  addresses: string[];
  port: number;
  tls: "first" | "starttls" | "none";
};

export type Entity = {
  /** the part it lay in; / stands between what lay inside one another */
  path: string;
  sha256: string;
  bytes: number;
  isDecrypted: boolean;
  /** false: who had the ciphertext could have changed it unnoticed */
  isAuthenticated: boolean;
  headers: MessageHeaders;
  text: string;
  html: string | null;
  parts: Part[];
  defects: string[];
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

export type EnvelopeRules = {
  envelopeHeaders: string[];
  subAddress: boolean;
};

export type EnvelopeRulesChanges = {
  /** header fields that name envelope recipients */
  envelopeHeaders?: string[];
  /** whether name+person=domain@… in RCPT TO names a recipient */
  subAddress?: boolean;
};

export type ExportBegun = {
  messages: number;
};

export type ExtractionTest = {
  at: string;
  ms: number;
  grade: "A" | "B" | "C" | "D" | "F";
  passed: boolean;
  steps: TestStep[];
  /** what differs from the last test that passed */
  changed: string[];
  comparedWith: string | null;
  /** always 0 */
  deleted: number;
  /** what to write to those who run the mail server */
  letter: string;
  transcript: TranscriptLine[];
};

export type ExtractionTestCanaryLine = {
  canary: TestCanary;
};

export type ExtractionTestLine = ExtractionTestStepLine | ExtractionTestCanaryLine | ExtractionTestResultLine | ExtractionTestProblemLine;

export type ExtractionTestList = {
  data: ExtractionTest[];
  nextCursor: string | null;
  asOf: string;
};

export type ExtractionTestProblemLine = {
  problem: Problem;
};

export type ExtractionTestResultLine = {
  result: ExtractionTest;
};

export type ExtractionTestStepLine = {
  step: TestStep;
};

export type FileImport = {
  id: string;
  from: "upload" | "path";
  /** the uploaded file's name, or the real path on the server */
  name: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  state: "receiving" | "waiting" | "reading" | "archiving" | "done" | "failed";
  beganAt: string;
  endedAt: string | null;
  received: number | null;
  announced: number | null;
  /** of the messages that were offered so far */
  bytes: number;
  outcome: ImportedCounts;
  problem: {
    code: string;
    detail: string;
    effect: string;
  } | null;
};

export type FileImportList = {
  /** of the server's machine, that may be imported from */
  folders: string[];
  /** newest first; forgotten when the server ends */
  data: FileImport[];
};

export type FileImportReport = {
  id: string;
  from: "upload" | "path";
  /** the uploaded file's name, or the real path on the server */
  name: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  state: "receiving" | "waiting" | "reading" | "archiving" | "done" | "failed";
  beganAt: string;
  endedAt: string | null;
  received: number | null;
  announced: number | null;
  /** of the messages that were offered so far */
  bytes: number;
  outcome: ImportedCounts;
  problem: {
    code: string;
    detail: string;
    effect: string;
  } | null;
  sources: Array<{
    source: string;
    found: number;
    archived: number;
    duplicate: number;
    quarantined: number;
    held: number;
    unreadable: number;
    ignored: number;
    known: number;
    variant: string | null;
  }>;
  /** the first of what could not be read */
  unread: Array<{
    label: string;
    reason: string;
  }>;
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
  /** what the source's servers found of SPF, DKIM and DMARC; recorded, never enforced */
  authentication?: string;
  origin?: Origin;
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

export type ImportSource = {
  source: string;
  accepted: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  processing: number;
};

export type ImportSources = {
  /** by the source that each message named, in the order in which they were first met */
  data: ImportSource[];
};

export type ImportStarted = {
  id: string;
};

export type ImportedCounts = {
  found: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  unreadable: number;
  /** files that are no mail */
  ignored: number;
  /** duplicates that came from the same place before */
  known: number;
};

export type KeyImportLine = ProgressLine | KeyImportResultLine | ProblemLine;

export type KeyImportResult = {
  certificates: Certificate[];
  /** messages that were read again with these keys */
  opened: number;
};

export type KeyImportResultLine = {
  result: KeyImportResult;
};

export type MailCertificate = {
  subject: string;
  sha256: string;
  validUntil: string;
  /** whole days; below 0 once it has ended */
  daysLeft: number;
};

export type MailReach = {
  name: string | null;
  doorways: Doorway[];
  certificate: MailCertificate | null;
};

export type Mailbox = {
  name: string;
  address: string;
};

export type MailboxFailure = {
  uidl: string | null;
  attempts: number;
  reason: string;
  retryAt: string;
};

export type MailboxProblem = {
  code: string;
  words: string;
};

export type MailboxRun = {
  seen: number;
  archived: number;
  duplicate: number;
  quarantined: number;
  held: number;
  /** could not be taken so far, and stay in the mailbox */
  failed: number;
  left: number | null;
  deleted: number;
  sessions: number;
  begunAt: string;
  endedAt: string;
  /** how many runs without anything to do this line stands for */
  runs: number;
  /** went away without having been taken: someone else empties it */
  vanished: number;
  /** came back after their deletion had been confirmed */
  reappeared: number;
  /** known messages under new ids: the mailbox was rebuilt */
  renamed: number;
  failures: MailboxFailure[];
  problem: {
    code: string;
    words: string;
  } | null;
  transcript: TranscriptLine[];
};

export type MailboxRunLine = MailboxRunResultLine | MailboxRunProblemLine;

export type MailboxRunList = {
  data: MailboxRun[];
  nextCursor: string | null;
  asOf: string;
};

export type MailboxRunProblemLine = {
  problem: Problem;
};

export type MailboxRunResultLine = {
  result: MailboxRun;
};

export type MailboxStanding = {
  activity: "idle" | "draining" | "testing";
  /** runs in a row that ended with a problem */
  failures: number;
  problem: MailboxProblem | null;
  failingSince: string | null;
  succeededAt: string | null;
  nextRunAt: string | null;
  /** the queue is a number from before the trouble */
  isQueueOld: boolean;
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
  smime: Smime | null;
  /** what lay in encrypted, signed or compressed parts; what was encrypted only for those who may see it */
  entities: Entity[];
  /** entities that were decrypted and that you may not see */
  hidden: number;
  /** what Outlook had wrapped in winmail.dat parts, outermost first */
  tnef: TnefEntity[];
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

export type NewAuthorities = {
  /** the file in base64 */
  file: string;
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
  /** pop3 wants the member pop3 too */
  transport: "smtp" | "pop3";
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** the address journal mail is sent to; unique in the installation */
  journalEmailAddress: string;
  maxAgeDays?: number | null;
  pop3?: NewPop3;
  smtp?: SmtpChanges;
  rules?: EnvelopeRulesChanges;
};

export type NewDecision = {
  /** retry reads the item again; accept archives it as the message it is; discard does so too and marks it discarded */
  what: "retry" | "accept" | "discard";
  ids?: string[];
  /** everything that waits for this reason */
  reason?: string;
  /** put on record; asked for when discarding */
  why?: string;
};

export type NewExport = {
  /** what was searched for */
  query: string;
  /** how many match */
  messages: number;
  /** what is fetched of encrypted mail; the last two take messages:decrypted */
  form?: "original" | "decrypted" | "both";
};

export type NewKeyFile = {
  /** the file in base64 */
  file: string;
  /** empty where the file has none */
  passphrase: string;
};

export type NewOwnDomains = {
  domains: string[];
};

export type NewPathImport = {
  /** absolute path of a file or folder in one of the folders that GET /imports names */
  path: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** the quoting to be taken off the messages of every mbox */
  unquoted?: "mboxo" | "mboxrd";
};

export type NewPop3 = {
  host: string;
  user: string;
  password?: string;
  oauth?: OAuthChanges | null;
  /** 995 for implicit TLS, 110 otherwise */
  port?: number;
  tls?: "none" | "starttls" | "implicit";
  /** strict (the default), relaxed, or the SHA-256 of a certificate */
  verify?: string;
  /** between two sessions */
  intervalSeconds?: number;
  keepDays?: number | null;
};

export type NewToken = {
  role: "operator" | "admin" | "compliance" | "auditor" | "user";
  label?: string;
  expiresInDays?: number;
};

export type OAuthChanges = {
  /** the application for itself, or a consent that was given once */
  grant?: "client-credentials" | "refresh-token";
  /** https URL of the token endpoint */
  tokenEndpoint?: string;
  clientId?: string;
  /** for POP3 at Microsoft 365 when absent */
  scope?: string;
  clientSecret?: string;
  refreshToken?: string;
};

export type OAuthSettings = {
  /** the application for itself, or a consent that was given once */
  grant: "client-credentials" | "refresh-token";
  tokenEndpoint: string;
  clientId: string;
  /** empty where the endpoint decides */
  scope: string;
};

export type OpenedEntities = {
  state: string | null;
  key: string | null;
  algorithm: string | null;
  /** outermost first; what was encrypted only for those who may see it */
  entities: OpenedEntity[];
};

export type OpenedEntity = {
  path: string;
  sha256: string;
  bytes: number;
  isDecrypted: boolean;
  isAuthenticated: boolean;
};

export type Origin = {
  /** the container's file, or the folder that single messages lay in */
  source: string;
  folder: string | null;
  owner: string | null;
  /** the variant of mbox whose quoting was taken off */
  unquoted?: "mboxo" | "mboxrd";
};

export type OwnDomainList = {
  /** `*.` before one stands for every domain under it */
  data: string[];
};

export type OwnDomainsLine = ProgressLine | OwnDomainsResultLine | ProblemLine;

export type OwnDomainsResult = {
  domains: string[];
  messages: number;
};

export type OwnDomainsResultLine = {
  result: OwnDomainsResult;
};

export type Part = {
  path: string;
  type: string;
  filename: string | null;
  /** encoded size */
  bytes: number;
};

export type Pop3Changes = {
  host?: string;
  user?: string;
  password?: string;
  oauth?: OAuthChanges | null;
  /** 995 for implicit TLS, 110 otherwise */
  port?: number;
  tls?: "none" | "starttls" | "implicit";
  /** strict (the default), relaxed, or the SHA-256 of a certificate */
  verify?: string;
  /** between two sessions */
  intervalSeconds?: number;
  keepDays?: number | null;
};

export type Pop3Settings = {
  host: string;
  port: number;
  tls: "none" | "starttls" | "implicit";
  /** strict, relaxed, or the SHA-256 of the one certificate that is trusted */
  verify: string;
  user: string;
  oauth: OAuthSettings | null;
  intervalSeconds: number;
  keepDays: number | null;
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

export type ProviderRanges = {
  id: string;
  title: string;
  ranges: string[];
  source: string;
  /** of when this snapshot is */
  asOf: string;
};

export type ProviderRangesList = {
  data: ProviderRanges[];
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

export type Recipe = {
  id: string;
  title: string;
  /** how much of the envelope is captured: all, some, the header only */
  fidelity: "A" | "B" | "C";
  sentence: string;
  /** what this connector must be set to first */
  before: string[];
  steps: Array<{
    text: string;
    code: string | null;
  }>;
  warnings: string[];
};

export type RecipeList = {
  data: Recipe[];
};

export type RecipientLine = {
  address: string;
  inEnvelope: boolean;
  inHeader: boolean;
  /** in words, such as "Bcc, envelope only" */
  how: string;
};

export type RefusalList = {
  /** 5xx that concern no connector, newest first */
  data: RefusedPeer[];
};

export type RefusedPeer = {
  address: string;
  helo: string | null;
  tls: string | null;
  times: number;
  firstAt: string;
  lastAt: string;
  command: string;
  reply: string;
  reason: string;
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

export type ShownEntity = {
  path: string;
  isDecrypted: boolean;
  isAuthenticated: boolean;
  headers: MessageHeaders;
  parts: DecodedPart[];
  text: string;
  defects: string[];
};

export type ShownMessage = {
  id: string;
  sha256: string;
  bytes: number;
  form: "msg" | "pst-item" | null;
  journal: {
    dialect: string;
    confidence: number;
    reasons: string[];
  } | null;
  envelope: Envelope;
  headers: MessageHeaders;
  parts: DecodedPart[];
  text: string;
  defects: string[];
  smime: ShownSmime | null;
  /** what Outlook had wrapped in winmail.dat parts, outermost first */
  tnef: TnefEntity[];
  direction: "internal" | "inbound" | "outbound" | "other" | null;
  threadId: string | null;
  receipts: ShownReceipt[];
  quarantine: {
    reason: string;
  } | null;
};

export type ShownReceipt = {
  id: string;
  at: string;
  connector: string;
  state: "archived" | "duplicate" | "quarantined" | "held";
  reason: string | null;
  flags: string[];
  envelope: Envelope | null;
  place: string | null;
  origin: Origin | null;
};

export type ShownSmime = {
  state: string;
  algorithm: string | null;
  recipients: Array<{
    issuer: string;
    serial: string;
  } | {
    subjectKeyIdentifier: string;
  }>;
  key: string | null;
  isCut: boolean;
  signature: Signature | null;
  headers: MessageHeaders | null;
  text: string | null;
  parts: DecodedPart[];
  entities: ShownEntity[];
};

export type SignIn = {
  email: string;
  /** at least 12 characters when it is chosen */
  passphrase: string;
};

export type Signature = {
  state: string;
  /** why it is not signed-ok; empty when it is */
  reason: string;
  signer: {
    id: string;
    subject: string;
    issuer: string;
    serial: string;
    addresses: string[];
    notAfter: string;
  } | null;
  digest: string | null;
};

export type Smime = {
  /** such as encrypted-decrypted, encrypted-no-key, signed-ok, signed-bad */
  state: string;
  algorithm: string | null;
  recipients: Array<{
    issuer: string;
    serial: string;
  } | {
    subjectKeyIdentifier: string;
  }>;
  key: string | null;
  signature: Signature | null;
  /** something was left unread because of a limit */
  isCut: boolean;
  decidedAt: string;
};

export type SmtpChanges = {
  /** with none, and no provider: anyone */
  permitted?: string[];
  /** provider ids */
  presets?: string[];
  requireTls?: boolean;
  certificate?: string | null;
};

export type SmtpSettings = {
  permitted: string[];
  presets: string[];
  requireTls: boolean;
  /** whether senders must log in, with the journal address and its password */
  hasLogin: boolean;
  certificate: string | null;
  /** whether mail is taken from any address */
  isOpen: boolean;
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

export type TestCanary = {
  /** is to stand in the subject of the test mail */
  word: string;
  /** the journal address */
  address: string;
  /** how long it is waited for */
  seconds: number;
};

export type TestStep = {
  name: "dns" | "tcp" | "tls" | "greeting" | "login" | "list" | "sample" | "type" | "age" | "delete" | "write" | "listener" | "certificate" | "sources" | "peers" | "canary";
  /** place in the table of steps */
  number: number;
  state: "passed" | "warned" | "failed" | "not-run";
  /** passed, perhaps with a warning */
  ok: boolean;
  ms: number;
  grade: "A" | "B" | "C" | "D" | "F";
  evidence: string[];
  meaning: string;
  fix: string;
};

export type TnefEntity = {
  /** the part it lay in, a slash, and its place inside */
  path: string;
  isDecrypted: boolean;
  headers: MessageHeaders;
  parts: DecodedPart[];
  text: string;
  defects: string[];
};

export type Token = {
  /** shown this once */
  token: string;
  role: "operator" | "admin" | "compliance" | "auditor" | "user";
  expiresAt: string;
};

export type TranscriptLine = {
  atMs: number;
  /** us, the server, or about the connection */
  from: "C" | "S" | "*";
  /** without secrets and without a word of any message */
  text: string;
};

export type TurnedAwayPeer = {
  address: string;
  helo: string | null;
  tls: string | null;
  times: number;
  firstAt: string;
  lastAt: string;
  /** what it was told 451 for */
  lacking: "source" | "tls" | "login" | "certificate";
};

export type UndecidedItem = {
  /** the receipt */
  id: string;
  /** under which the item's bytes can be had */
  message: string;
  connector: string;
  state: "quarantined" | "held";
  reason: string;
  /** the reason in words */
  meaning: string;
  actions: Array<"retry" | "accept" | "discard">;
  receivedAt: string;
  archivedAt: string;
  bytes: number;
  /** who delivered it */
  from: string;
};

export type UndecidedList = {
  data: UndecidedItem[];
  reasons: UndecidedReason[];
  nextCursor: string | null;
};

export type UndecidedReason = {
  state: "quarantined" | "held";
  reason: string;
  meaning: string;
  receipts: number;
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
    headers.set("content-type", "application/octet-stream");
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

/** Permit one more address or range; repeating it changes nothing. */
export function allowSource(request: {
  id: string;
  body: Allowance;
}, signal?: AbortSignal): Promise<Connector> {
  return send<Connector>("POST", `/api/v1/connectors/${encodeURIComponent(request.id)}/allow`, { body: request.body, signal });
}

/** Copy everything to a folder of the server's machine; only through the local socket. */
export function backUp(request: {
  body: NewBackup;
}, signal?: AbortSignal): AsyncGenerator<BackupLine> {
  return sendForLines<BackupLine>("POST", `/api/v1/backups`, { body: request.body, signal });
}

/** Say that all messages of a search are about to be fetched, which is put on record. */
export function beginExport(request: {
  body: NewExport;
}, signal?: AbortSignal): Promise<ExportBegun> {
  return send<ExportBegun>("POST", `/api/v1/exports`, { body: request.body, signal });
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

/** Read items again, archive them as they are, or discard them; each goes the way of all mail once more. */
export function decideQuarantine(request: {
  body: NewDecision;
}, signal?: AbortSignal): AsyncGenerator<DecisionLine> {
  return sendForLines<DecisionLine>("POST", `/api/v1/quarantine/decisions`, { body: request.body, signal });
}

/** Ask senders for no login any more. */
export function dropConnectorLogin(request: {
  id: string;
}, signal?: AbortSignal): Promise<Connector> {
  return send<Connector>("DELETE", `/api/v1/connectors/${encodeURIComponent(request.id)}/login`, { signal });
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

/** Who delivered, who was turned away, and what was refused. */
export function getConnectorPeers(request: {
  id: string;
}, signal?: AbortSignal): Promise<ConnectorPeers> {
  return send<ConnectorPeers>("GET", `/api/v1/connectors/${encodeURIComponent(request.id)}/peers`, { signal });
}

/** How far an import is. */
export function getImport(request: {
  id: string;
}, signal?: AbortSignal): Promise<ImportRun> {
  return send<ImportRun>("GET", `/api/v1/imports/${encodeURIComponent(request.id)}`, { signal });
}

/** What became of an import that the server reads, source by source, and what could not be read. */
export function getImportReport(request: {
  id: string;
}, signal?: AbortSignal): Promise<FileImportReport> {
  return send<FileImportReport>("GET", `/api/v1/imports/${encodeURIComponent(request.id)}/report`, { signal });
}

/** What became of an import, by the files and folders that the messages came from. */
export function getImportSources(request: {
  id: string;
}, signal?: AbortSignal): Promise<ImportSources> {
  return send<ImportSources>("GET", `/api/v1/imports/${encodeURIComponent(request.id)}/sources`, { signal });
}

/** The process answers. */
export function getLiveness(signal?: AbortSignal): Promise<Health> {
  return send<Health>("GET", `/livez`, { signal });
}

/** Addresses, ports and certificate of the SMTP listeners. */
export function getMailReach(signal?: AbortSignal): Promise<MailReach> {
  return send<MailReach>("GET", `/api/v1/smtp`, { signal });
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

/** The content of one part or attachment, decoded, as a file to keep. */
export function getPartUrl(request: {
  /** path of a part; of an opened entity its path, / and the part's; of a winmail.dat as its files are listed */
  path: string;
  id: string;
}): string {
  return `/api/v1/messages/${encodeURIComponent(request.id)}/part${queryText({ path: request.path })}`;
}

/** The bytes of what lay in an encrypted, signed or compressed part. */
export function getRawEntityUrl(request: {
  /** path of an entity of the message */
  path: string;
  id: string;
}): string {
  return `/api/v1/messages/${encodeURIComponent(request.id)}/entity${queryText({ path: request.path })}`;
}

/** The message's bytes. */
export function getRawMessageUrl(request: {
  id: string;
}): string {
  return `/api/v1/messages/${encodeURIComponent(request.id)}/raw`;
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

/** Take in the keys of a PKCS#12 or PEM file, and open what waited for them. */
export function importDecryptionKeys(request: {
  body: NewKeyFile;
}, signal?: AbortSignal): AsyncGenerator<KeyImportLine> {
  return sendForLines<KeyImportLine>("POST", `/api/v1/decryption-keys`, { body: request.body, signal });
}

/** Import what lies at a path of the server; answered when it is begun. */
export function importPath(request: {
  body: NewPathImport;
}, signal?: AbortSignal): Promise<FileImport> {
  return send<FileImport>("POST", `/api/v1/imports/paths`, { body: request.body, signal });
}

/** Upload a file and import it; answered when it is whole, before it is read. */
export function importUpload(request: {
  /** the file's name; its ending helps to tell its kind */
  name: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** the quoting to be taken off the messages of every mbox */
  unquoted?: "mboxo" | "mboxrd";
  body: Blob | ArrayBuffer;
}, signal?: AbortSignal): Promise<FileImport> {
  return send<FileImport>("POST", `/api/v1/imports/uploads${queryText({ name: request.name, type: request.type, unquoted: request.unquoted })}`, { body: request.body, signal });
}

/** Who did what, newest first. */
export function listAudit(request: {
  cursor?: number;
  limit?: number;
  /** an e-mail, a token's label, or local administrator */
  who?: string;
  action?: string;
  /** an id that it was done to */
  subject?: string;
  since?: string;
  until?: string;
} = {}, signal?: AbortSignal): Promise<AuditList> {
  return send<AuditList>("GET", `/api/v1/audit${queryText({ cursor: request.cursor, limit: request.limit, who: request.who, action: request.action, subject: request.subject, since: request.since, until: request.until })}`, { signal });
}

/** Connectors, by description. */
export function listConnectors(signal?: AbortSignal): Promise<ConnectorList> {
  return send<ConnectorList>("GET", `/api/v1/connectors`, { signal });
}

/** Certificates whose keys open mail, trusted authorities, and what waits for a key. */
export function listDecryptionKeys(signal?: AbortSignal): Promise<DecryptionKeys> {
  return send<DecryptionKeys>("GET", `/api/v1/decryption-keys`, { signal });
}

/** Earlier tests of a connector's mailbox, newest first. */
export function listExtractionTests(request: {
  id: string;
}, signal?: AbortSignal): Promise<ExtractionTestList> {
  return send<ExtractionTestList>("GET", `/api/v1/connectors/${encodeURIComponent(request.id)}/tests`, { signal });
}

/** Imports that the server reads by itself, and the folders it may read. */
export function listImports(signal?: AbortSignal): Promise<FileImportList> {
  return send<FileImportList>("GET", `/api/v1/imports`, { signal });
}

/** What the runs over a connector's mailbox did, newest first. */
export function listMailboxRuns(request: {
  id: string;
}, signal?: AbortSignal): Promise<MailboxRunList> {
  return send<MailboxRunList>("GET", `/api/v1/connectors/${encodeURIComponent(request.id)}/runs`, { signal });
}

/** What was opened in a message, by digest and without its content. */
export function listOpened(request: {
  id: string;
}, signal?: AbortSignal): Promise<OpenedEntities> {
  return send<OpenedEntities>("GET", `/api/v1/messages/${encodeURIComponent(request.id)}/opened`, { signal });
}

/** The domains that are the tenant's own. */
export function listOwnDomains(signal?: AbortSignal): Promise<OwnDomainList> {
  return send<OwnDomainList>("GET", `/api/v1/domains`, { signal });
}

/** Addresses that providers send mail from, as of when they were noted. */
export function listProviderRanges(signal?: AbortSignal): Promise<ProviderRangesList> {
  return send<ProviderRangesList>("GET", `/api/v1/smtp/providers`, { signal });
}

/** What is quarantined or held and waits for a decision, oldest first, without its content. */
export function listQuarantine(request: {
  limit?: number;
  /** nextCursor of the page before */
  cursor?: string;
  /** only what waits for this */
  reason?: string;
} = {}, signal?: AbortSignal): Promise<UndecidedList> {
  return send<UndecidedList>("GET", `/api/v1/quarantine${queryText({ limit: request.limit, cursor: request.cursor, reason: request.reason })}`, { signal });
}

/** How mail systems are made to send their journal to this connector. */
export function listRecipes(request: {
  id: string;
}, signal?: AbortSignal): Promise<RecipeList> {
  return send<RecipeList>("GET", `/api/v1/connectors/${encodeURIComponent(request.id)}/recipes`, { signal });
}

/** What was answered 5xx and concerns no connector. */
export function listRefusals(signal?: AbortSignal): Promise<RefusalList> {
  return send<RefusalList>("GET", `/api/v1/smtp/refusals`, { signal });
}

/** Your tenant; all of them for the local administrator. */
export function listTenants(signal?: AbortSignal): Promise<TenantList> {
  return send<TenantList>("GET", `/api/v1/tenants`, { signal });
}

/** Make a login that senders must use from now on, instead of any before. */
export function makeConnectorLogin(request: {
  id: string;
}, signal?: AbortSignal): Promise<ConnectorLogin> {
  return send<ConnectorLogin>("POST", `/api/v1/connectors/${encodeURIComponent(request.id)}/login`, { signal });
}

/** Offer one message; answered when it is durable. */
export function offerImportMessage(request: {
  /** where it was read from: the same key again adds nothing */
  sourceKey: string;
  /** for people: the file or folder it came from */
  label: string;
  /** standard: mails as they are; eej: Exchange envelope journal reports */
  type: "standard" | "eej";
  /** the file or folder that is reported on as one source */
  source?: string;
  /** with source: the folder of the mail in it */
  folder?: string;
  /** with source: whose mail it says it is */
  owner?: string;
  /** with source: the variant of mbox whose quoting was taken off the message */
  unquoted?: "mboxo" | "mboxrd";
  id: string;
  body: Blob | ArrayBuffer;
}, signal?: AbortSignal): Promise<ImportOutcome> {
  return send<ImportOutcome>("POST", `/api/v1/imports/${encodeURIComponent(request.id)}/messages${queryText({ sourceKey: request.sourceKey, label: request.label, type: request.type, source: request.source, folder: request.folder, owner: request.owner, unquoted: request.unquoted })}`, { body: request.body, signal });
}

/** Everything understood of one message, with digests of its parts. */
export function readMessage(request: {
  id: string;
}, signal?: AbortSignal): Promise<ShownMessage> {
  return send<ShownMessage>("GET", `/api/v1/messages/${encodeURIComponent(request.id)}/reading`, { signal });
}

/** Make the search index anew from the archive. */
export function rebuildSearch(signal?: AbortSignal): AsyncGenerator<RebuildLine> {
  return sendForLines<RebuildLine>("POST", `/api/v1/search/rebuild`, { signal });
}

/** Empty a connector's mailbox now, and wait until its mail is archived. */
export function runMailbox(request: {
  id: string;
}, signal?: AbortSignal): AsyncGenerator<MailboxRunLine> {
  return sendForLines<MailboxRunLine>("POST", `/api/v1/connectors/${encodeURIComponent(request.id)}/runs`, { signal });
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

/** Set them, and judge the direction of all mail by them. */
export function setOwnDomains(request: {
  body: NewOwnDomains;
}, signal?: AbortSignal): AsyncGenerator<OwnDomainsLine> {
  return sendForLines<OwnDomainsLine>("POST", `/api/v1/domains`, { body: request.body, signal });
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

/** Events `connectors`, `status` and, for whoever may import, `imports`: a snapshot, then each change. */
export function streamEventsUrl(): string {
  return `/api/v1/events`;
}

/** Test Journal Extraction: try a connector step by step; nothing is deleted. */
export function testExtraction(request: {
  /** wait so long for a test mail from outside; for connectors that mail is pushed to */
  waitSeconds?: number;
  id: string;
}, signal?: AbortSignal): AsyncGenerator<ExtractionTestLine> {
  return sendForLines<ExtractionTestLine>("POST", `/api/v1/connectors/${encodeURIComponent(request.id)}/tests${queryText({ waitSeconds: request.waitSeconds })}`, { signal });
}

/** Trust the certificates of a PEM or DER file for signatures that are judged from now on. */
export function trustAuthorities(request: {
  body: NewAuthorities;
}, signal?: AbortSignal): Promise<CertificateList> {
  return send<CertificateList>("POST", `/api/v1/trusted-authorities`, { body: request.body, signal });
}

/** Read every stored byte, or a share of them, and compare with digests. */
export function verify(request: {
  body: Verification;
}, signal?: AbortSignal): AsyncGenerator<VerificationLine> {
  return sendForLines<VerificationLine>("POST", `/api/v1/verifications`, { body: request.body, signal });
}

/** Whether the audit log is as it was written. */
export function verifyAudit(request: {
  /** of a head noted earlier */
  seq?: number;
  /** of the same; both or neither */
  hash?: string;
} = {}, signal?: AbortSignal): Promise<AuditVerification> {
  return send<AuditVerification>("GET", `/api/v1/audit/verification${queryText({ seq: request.seq, hash: request.hash })}`, { signal });
}
