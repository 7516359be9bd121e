import { Link } from "@tanstack/react-router";
import type { MessageSummary } from "../../api.generated.ts";
import { MessageBadges } from "../../parts/message-badges.tsx";
import { When } from "../../parts/when.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";

/** Recipients named in a row; the others are counted. */
const recipientsNamed = 2;

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
  return (
    <tr>
      <td className="result-date">{message.date === null ? words.noDate : <When at={message.date} />}</td>
      <td className="result-from anywhere" dir="auto">
        {message.from}
      </td>
      <td className="result-to anywhere">
        <span dir="auto">{message.to.slice(0, recipientsNamed).join(", ")}</span>
        {others > 0 && <span className="soft"> {words.moreRecipients(others)}</span>}
        <div className="soft small">{words.envelopeRecipients(message.envelopeRecipients)}</div>
      </td>
      <th scope="row" className="result-subject anywhere" dir="auto">
        <Link {...pages.message(message.id, q)}>{message.subject === "" ? words.noSubject : message.subject}</Link>
      </th>
      <td className="result-marks">
        <MessageBadges {...message} />
      </td>
    </tr>
  );
}
