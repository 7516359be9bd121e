import type { MessageDetail } from "../../api.generated.ts";
import { bytesText } from "../../numbers.ts";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";
import { people } from "./people.ts";

/** The header fields as they were read, the ids of the record, and what is malformed. */
export function HeadersTab({ message }: { message: MessageDetail }) {
  const words = text.message;
  const { headers } = message;
  const fields: [string, string][] = [
    [words.subject, headers.subject],
    [words.from, people(headers.from)],
    [words.to, people(headers.to)],
    [words.cc, people(headers.cc)],
    [words.bcc, people(headers.bcc)],
    [words.messageId, headers.messageId ?? ""],
  ];
  return (
    <div className="stack">
      <p className="soft">{words.headersLead}</p>
      <dl className="facts">
        {fields.map(([name, value]) => (
          <div key={name} className="contents">
            <dt>{name}</dt>
            <dd dir="auto">{value === "" ? <span className="soft">{words.missing}</span> : value}</dd>
          </div>
        ))}
        <dt>{words.sent}</dt>
        <dd>{headers.date === null ? <span className="soft">{words.missing}</span> : <When at={headers.date} />}</dd>
        <dt>{words.archiveId}</dt>
        <dd className="mono">{message.id}</dd>
        <dt>{words.sha256}</dt>
        <dd className="mono">{message.sha256}</dd>
        <dt>{words.size}</dt>
        <dd>{bytesText(message.bytes)}</dd>
        <dt>{words.parts}</dt>
        <dd>
          {message.parts.map((part) => (
            <div key={part.path}>
              <code>
                {part.path} {part.type}
              </code>{" "}
              {bytesText(part.bytes)}
            </div>
          ))}
        </dd>
        <dt>{words.defects}</dt>
        <dd>
          {message.defects.length === 0
            ? words.noDefects
            : message.defects.map((defect) => (
                <div key={defect}>
                  <code>{defect}</code>
                </div>
              ))}
        </dd>
      </dl>
    </div>
  );
}
