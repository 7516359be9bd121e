import type { ConnectorView } from "#connector/index.ts";
import type { Instant } from "#core/index.ts";
import type { Connector, ConnectorList } from "./schemas/connectors.ts";
import { timeText, timeTextOrNull } from "./times.ts";

/** A connector as the API shows it. */
export function connectorJson(view: ConnectorView): Connector {
  const { tenant: _, createdAt, lastSuccessAt, ...rest } = view;
  return {
    ...rest,
    // For SMTP the source's queue is not ours to see.
    pop3MailboxQueue: null,
    pop3MailboxQueueAt: null,
    lastSuccessAt: timeTextOrNull(lastSuccessAt),
    createdAt: timeText(createdAt),
  };
}

/** All connectors of a tenant, which fit one page. */
export function connectorListJson(views: readonly ConnectorView[], asOf: Instant): ConnectorList {
  return { data: views.map(connectorJson), nextCursor: null, asOf: timeText(asOf) };
}
