import { getPartUrl } from "../../api.generated.ts";
import { bytesText } from "../../numbers.ts";
import { text } from "../../text/index.ts";

/** A part as lists have it. `path` is the one to download it by. */
export interface Attached {
  path: string;
  type: string;
  filename: string | null;
  bytes: number;
}

/** What is attached, each to be downloaded by itself. */
export function Attachments(props: { messageId: string; parts: Attached[]; id: string; heading: string }) {
  const words = text.message;
  const attached = props.parts.filter(
    ({ filename, type }) => filename !== null || !/^(text\/(plain|html)|multipart\/)/.test(type),
  );
  return (
    <section className="stack" aria-labelledby={props.id}>
      <h2 id={props.id}>{props.heading}</h2>
      {attached.length === 0 ? (
        <p className="soft">{words.noAttachments}</p>
      ) : (
        <>
          <table className="data attachments">
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.kind}</th>
                <th scope="col" className="number">
                  {words.size}
                </th>
                <th scope="col">{text.smime.download}</th>
              </tr>
            </thead>
            <tbody>
              {attached.map((part) => (
                <Row key={part.path} messageId={props.messageId} part={part} />
              ))}
            </tbody>
          </table>
          <p className="soft small">{words.attachmentsNote}</p>
        </>
      )}
    </section>
  );
}

function Row({ messageId, part }: { messageId: string; part: Attached }) {
  const name = part.filename ?? text.message.unnamed;
  return (
    <tr>
      <th scope="row" className="anywhere" dir="auto">
        {name}
      </th>
      <td className="mono anywhere">{part.type}</td>
      <td className="number nowrap">{bytesText(part.bytes)}</td>
      <td>
        <a href={getPartUrl({ id: messageId, path: part.path })} download aria-label={text.smime.downloadOf(name)}>
          {text.smime.download}
        </a>
      </td>
    </tr>
  );
}
