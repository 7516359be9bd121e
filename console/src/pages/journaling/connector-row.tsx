import { Switch, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Connector } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Badge } from "../../parts/shape.tsx";
import { When } from "../../parts/when.tsx";
import { pages } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { clockText, dateText, spanText } from "../../time.ts";
import { statusTone, statusWords } from "./status.ts";
import { SwitchDialog } from "./switch-dialog.tsx";

/** One connector, in the order of the table's columns. */
export function ConnectorRow({ connector }: { connector: Connector }) {
  const user = useUser();
  const words = text.journaling;
  return (
    <tr>
      <th scope="row" className="col-description">
        <Link {...pages.connector(connector.id)}>{connector.description}</Link>
      </th>
      <td>
        <EnabledSwitch connector={connector} />
      </td>
      <td>
        <span className="address">
          <Address address={connector.journalEmailAddress} />
          <CopyButton
            isIcon
            value={connector.journalEmailAddress}
            name={text.common.copyOf(connector.journalEmailAddress)}
          />
        </span>
      </td>
      <td className="mono nowrap">{connector.hostname}</td>
      <td>{words.transports[connector.transport] ?? connector.transport}</td>
      <td className="col-type">{words.types[connector.type]}</td>
      <td className="number">
        {countText(connector.processingQueue)}
        {connector.processingQueue > 0 && (
          <div className="soft small nowrap">{words.oldest(spanText(connector.oldestAgeSeconds))}</div>
        )}
      </td>
      <td className="number">
        {connector.pop3MailboxQueue === null
          ? connector.transport === "pop3"
            ? text.common.never
            : text.common.notApplicable
          : countText(connector.pop3MailboxQueue)}
        {connector.pop3MailboxQueueAt !== null && (
          <div className="soft small nowrap">
            {words.mailboxAt(clockText(connector.pop3MailboxQueueAt))}
            {connector.mailbox?.isQueueOld === true && ` ${text.mailbox.queueOld}`}
          </div>
        )}
      </td>
      <td className="col-status">
        <StatusCell connector={connector} />
      </td>
      <td className="number">
        {connector.quarantined > 0 && may(user, "messages:read") ? (
          <Link {...pages.search(`is:quarantined connector:${connector.id}`)}>{countText(connector.quarantined)}</Link>
        ) : (
          countText(connector.quarantined)
        )}
      </td>
      <td>{connector.lastSuccessAt === null ? text.common.never : <When at={connector.lastSuccessAt} />}</td>
      <td className="number">{countText(connector.archived)}</td>
    </tr>
  );
}

/** An address that breaks behind its @ when it must break. */
function Address({ address }: { address: string }) {
  const at = address.lastIndexOf("@") + 1;
  return (
    <span className="mono">
      {address.slice(0, at)}
      <wbr />
      {address.slice(at)}
    </span>
  );
}

/** The state, and on hover, focus or tap why it is so. */
function StatusCell({ connector }: { connector: Connector }) {
  const since = connector.lastSuccessAt === null ? text.common.never : dateText(connector.lastSuccessAt);
  const more = [connector.statusReason, text.journaling.lastSuccess(since)].filter(Boolean).join(" ");
  return (
    <Tooltip label={more} events={{ hover: true, focus: true, touch: true }} multiline maw={320}>
      <button type="button" className="plain-button">
        <Badge tone={statusTone(connector)}>{statusWords(connector)}</Badge>
        {connector.sourceClocks.map(({ source, offsetMinutes }) => (
          <div key={source} className="soft small">
            {text.connector.sourceClock(source, offsetMinutes)}
          </div>
        ))}
        {connector.ageRule.state === "suspended" && <div className="soft small">{text.connector.ageSuspended}</div>}
      </button>
    </Tooltip>
  );
}

/** Intent, not health. A change states its effect on mail and asks first. */
function EnabledSwitch({ connector }: { connector: Connector }) {
  const user = useUser();
  const [isAsking, setAsking] = useState(false);
  return (
    <span className="enabled">
      <Switch
        size="xs"
        aria-label={text.journaling.switchName(connector.description)}
        checked={connector.enabled}
        disabled={!may(user, "connectors:write")}
        onChange={() => setAsking(true)}
      />
      {connector.enabled ? text.journaling.enabled : text.journaling.disabled}
      <SwitchDialog connector={connector} isOpen={isAsking} onClose={() => setAsking(false)} />
    </span>
  );
}
