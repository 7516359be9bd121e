import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { connectorsQuery } from "../../api/queries.ts";
import { getRawReportUrl, type MessageDetail, type Receipt } from "../../api.generated.ts";
import { bytesText, shareText } from "../../numbers.ts";
import { StateBadge } from "../../parts/message-badges.tsx";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";

/** Each capture of the message: when, through what, from whom, with which report. */
export function ReceiptsTab({ message }: { message: MessageDetail }) {
  const words = text.message;
  return (
    <div className="stack">
      <p className="soft">{words.receiptsLead}</p>
      {message.receipts.map((receipt, place) => (
        <section key={receipt.id} className="receipt stack" aria-labelledby={receipt.id}>
          <h2 id={receipt.id}>{words.receipt(place + 1, message.receipts.length)}</h2>
          <ReceiptFacts receipt={receipt} messageId={message.id} place={place} />
        </section>
      ))}
    </div>
  );
}

function ReceiptFacts({ receipt, messageId, place }: { receipt: Receipt; messageId: string; place: number }) {
  const connectors = useQuery(connectorsQuery);
  const connector = connectors.data?.data.find(({ id }) => id === receipt.connector)?.description;
  const words = text.message;
  const { hop, report } = receipt;
  return (
    <dl className="facts">
      <dt>{words.state}</dt>
      <dd>
        <StateBadge {...receipt} />
      </dd>
      {receipt.flags.length > 0 && (
        <>
          <dt>{words.flags}</dt>
          <dd>{receipt.flags.map((flag) => text.flags[flag] ?? flag).join(", ")}</dd>
        </>
      )}
      <dt>{words.received}</dt>
      <dd>
        <When at={receipt.receivedAt} />
      </dd>
      <dt>{words.archived}</dt>
      <dd>
        <When at={receipt.archivedAt} />
      </dd>
      <dt>{words.connector}</dt>
      <dd>{hop.transport === "import" ? words.imported : (connector ?? <code>{receipt.connector}</code>)}</dd>
      <dt>{words.hop}</dt>
      <dd>{words.hopText(hop.transport.toUpperCase(), hop.peer ?? text.common.unknown)}</dd>
      {hop.transport === "smtp" && <SmtpFacts hop={hop} />}
      {hop.origin !== undefined && <OriginFacts origin={hop.origin} />}
      <dt>{words.report}</dt>
      <dd>
        {report === null ? (
          words.noReport
        ) : (
          <>
            {words.reportText(report.dialect, shareText(report.confidence, 1), bytesText(report.bytes))}
            <div className="mono anywhere">{report.sha256}</div>
            <ul className="reasons">
              {report.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
            <a href={getRawReportUrl({ id: messageId, receipt: place })} download>
              {words.downloadReport}
            </a>
          </>
        )}
      </dd>
    </dl>
  );
}

/** Where an import found it, in the words of whoever made the files. */
function OriginFacts({ origin: { source, folder, owner } }: { origin: NonNullable<Receipt["hop"]["origin"]> }) {
  const words = text.message;
  const facts: [name: string, value: string | null][] = [
    [words.originSource, source],
    [words.originFolder, folder],
    [words.originOwner, owner],
  ];
  return facts.map(([name, value]) =>
    value === null ? null : (
      <Fragment key={name}>
        <dt>{name}</dt>
        <dd className="anywhere" dir="auto">
          {value}
        </dd>
      </Fragment>
    ),
  );
}

function SmtpFacts({ hop }: { hop: Receipt["hop"] }) {
  const words = text.message;
  return (
    <>
      <dt>{words.helo}</dt>
      <dd className="mono">{hop.helo ?? text.common.unknown}</dd>
      <dt>{words.tls}</dt>
      <dd>{hop.tls ?? words.noTls}</dd>
      <dt>{words.mailFrom}</dt>
      <dd className="mono">{hop.mailFrom || "<>"}</dd>
      <dt>{words.rcptTo}</dt>
      <dd className="mono">{hop.rcptTo.join(", ")}</dd>
      {hop.authentication !== undefined && (
        <>
          <dt>{words.authentication}</dt>
          <dd className="mono" dir="auto">
            {hop.authentication}
          </dd>
        </>
      )}
    </>
  );
}
