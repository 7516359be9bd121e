import type { MessageDetail } from "../../api.generated.ts";
import { Notice } from "../../parts/notice.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { text } from "../../text/index.ts";

/** Envelope and header side by side: who got it, who is named, and how each is known. */
export function RecipientsTab({ message }: { message: MessageDetail }) {
  const words = text.message;
  const { recipients, envelope } = message;
  return (
    <div className="stack">
      <Comparison message={message} />
      {envelope && (
        <dl className="facts">
          <dt>{words.envelopeSender}</dt>
          <dd>{envelope.sender || words.emptySender}</dd>
        </dl>
      )}
      {recipients.length === 0 ? (
        <p>{words.noRecipients}</p>
      ) : (
        <Scrolls name={words.tabs.recipients}>
          <table className="data recipients">
            <caption>{words.recipientsCaption(recipients.length)}</caption>
            <thead>
              <tr>
                <th scope="col">{words.address}</th>
                <th scope="col">{words.inEnvelope}</th>
                <th scope="col">{words.inHeader}</th>
                <th scope="col">{words.how}</th>
              </tr>
            </thead>
            <tbody>
              {recipients.map((recipient) => (
                <tr
                  key={recipient.address}
                  className={envelope && recipient.inEnvelope !== recipient.inHeader ? "recipient-differs" : undefined}
                >
                  <th scope="row" className="mono">
                    {recipient.address}
                  </th>
                  <td>{recipient.inEnvelope ? text.common.yes : text.common.no}</td>
                  <td>{recipient.inHeader ? text.common.yes : text.common.no}</td>
                  <td>{recipient.how}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </div>
  );
}

function Comparison({ message }: { message: MessageDetail }) {
  const words = text.message;
  if (message.envelope === null) {
    return (
      <Notice tone="idle" title={words.noEnvelope}>
        <p>{words.noEnvelopeDetail}</p>
      </Notice>
    );
  }
  const envelopeOnly = message.recipients.filter((one) => one.inEnvelope && !one.inHeader).length;
  const headerOnly = message.recipients.filter((one) => one.inHeader && !one.inEnvelope).length;
  if (envelopeOnly + headerOnly === 0) return <p>{words.same}</p>;
  return (
    <Notice tone="warn" title={words.differ}>
      {envelopeOnly > 0 && <p>{words.envelopeOnly(envelopeOnly)}</p>}
      {headerOnly > 0 && <p>{words.headerOnly(headerOnly)}</p>}
    </Notice>
  );
}
