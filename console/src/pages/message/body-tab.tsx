import type { MessageDetail } from "../../api.generated.ts";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";
import { Attachments } from "./attachments.tsx";
import { MailBody } from "./mail-body.tsx";
import { people } from "./people.ts";
import { EntitySection, SmimePanel, TnefSection } from "./smime.tsx";

/** Who, when, the body and what is attached. */
export function BodyTab({ message }: { message: MessageDetail }) {
  const words = text.message;
  const { headers, smime, entities } = message;
  return (
    <div className="stack">
      <dl className="facts">
        <dt>{words.from}</dt>
        <dd dir="auto">{people(headers.from) || message.from || text.common.unknown}</dd>
        <dt>{words.to}</dt>
        <dd dir="auto">{people(headers.to) || text.common.none}</dd>
        {headers.cc.length > 0 && (
          <>
            <dt>{words.cc}</dt>
            <dd dir="auto">{people(headers.cc)}</dd>
          </>
        )}
        <dt>{words.sent}</dt>
        <dd>{message.date === null ? text.search.noDate : <When at={message.date} />}</dd>
        <dt>{words.archived}</dt>
        <dd>
          <When at={message.archivedAt} />
        </dd>
      </dl>
      {smime !== null && <SmimePanel message={message} smime={smime} />}
      {entities.map((entity, index) => (
        <EntitySection key={entity.path} message={message} entity={entity} place={index + 1} />
      ))}
      {smime !== null && (
        <div>
          <h2>{text.smime.outside}</h2>
          <p className="soft">{text.smime.outsideDetail}</p>
        </div>
      )}
      <MailBody html={message.html} plain={message.text} name={words.htmlFrame} />
      <Attachments messageId={message.id} parts={message.parts} id="attachments" heading={words.attachments} />
      {message.tnef.map((tnef, index) => (
        <TnefSection key={tnef.path} message={message} tnef={tnef} place={index + 1} />
      ))}
    </div>
  );
}
