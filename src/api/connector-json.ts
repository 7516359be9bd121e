import type { ConnectorView } from "#connector/index.ts";
import type { Instant } from "#core/index.ts";
import { pop3Json, standingJson } from "./mailbox-json.ts";
import type { Connector, ConnectorList } from "./schemas/connectors.ts";
import { timeText, timeTextOrNull } from "./times.ts";

/** A connector as the API shows it. */
export function connectorJson(view: ConnectorView): Connector {
  const { tenant: _, createdAt, lastSuccessAt, lastLoopedAt, pop3, mailbox, smtp, rules, sourceClocks, ...rest } = view;
  return {
    ...rest,
    // For SMTP the source's queue is not ours to see.
    pop3MailboxQueue: mailbox?.queue ?? null,
    pop3MailboxQueueAt: timeTextOrNull(mailbox?.queueAt ?? null),
    pop3: pop3Json(pop3),
    mailbox: standingJson(mailbox),
    lastSuccessAt: timeTextOrNull(lastSuccessAt),
    lastLoopedAt: timeTextOrNull(lastLoopedAt),
    smtp: view.transport === "smtp" ? smtpJson(smtp) : null,
    rules: { envelopeHeaders: rules?.envelopeHeaders ?? [], subAddress: rules?.subAddress === true },
    sourceClocks: sourceClocks.map(({ at, ...clock }) => ({ ...clock, at: timeText(at) })),
    createdAt: timeText(createdAt),
  };
}

/** Who may send. What a password is kept as is nobody's business. */
function smtpJson(settings: ConnectorView["smtp"]): Connector["smtp"] {
  const { permitted = [], presets = [], requireTls = false, login = null, certificate = null } = settings ?? {};
  const isOpen = permitted.length + presets.length === 0;
  return { permitted, presets, requireTls, hasLogin: login !== null, certificate, isOpen };
}

/** All connectors of a tenant, which fit one page. */
export function connectorListJson(views: readonly ConnectorView[], asOf: Instant): ConnectorList {
  return { data: views.map(connectorJson), nextCursor: null, asOf: timeText(asOf) };
}
