import { Link } from "@tanstack/react-router";
import type { MessageSummary } from "../../api.generated.ts";
import { MessageBadges } from "../../parts/message-badges.tsx";
import { When } from "../../parts/when.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";

/** Recipients of the header that a row names; the others are counted. */
const recipientsNamed = 1;

/** Messages found, newest first. */
export function ResultList({ messages, q, total }: { messages: MessageSummary[]; q: string; total: number }) {
  const words = text.search;
  return (
    <table className="data results">
      <caption className="only-spoken">
        {words.results}: {words.shown(messages.length, total)}
      </caption>
      <thead>
        <tr>
          <th scope="col">{words.columns.date}</th>
          <th scope="col">{words.columns.from}</th>
          <th scope="col">{words.columns.to}</th>
          <th scope="col">{words.columns.subject}</th>
          <th scope="col">{words.columns.marks}</th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => (
          <Row key={message.id} message={message} q={q} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ message, q }: { message: MessageSummary; q: string }) {
  const words = text.search;
  const others = message.to.length - recipientsNamed;
  const to = message.to.slice(0, recipientsNamed).join(", ");
  const more = [
    ...(others > 0 ? [words.moreRecipients(others)] : []),
    ...(message.envelopeRecipients > 0 ? [words.inEnvelope(message.envelopeRecipients)] : []),
  ].join(" · ");
  return (
    <tr>
      <td className="result-date">{message.date === null ? words.noDate : <When at={message.date} />}</td>
      <td className="result-from" title={message.from}>
        <bdi>{message.from}</bdi>
      </td>
      <td className="result-to">
        <span className="result-people">
          <bdi title={message.to.join(", ")}>{to}</bdi>
          <span className="soft small">{more}</span>
        </span>
      </td>
      <th scope="row" className="result-subject">
        <Link {...pages.message(message.id, q)} dir="auto">
          {message.subject === "" ? words.noSubject : message.subject}
        </Link>
      </th>
      <td className="result-marks">
        <MessageBadges message={message} receipts={message.receipts} isBrief />
      </td>
    </tr>
  );
}
