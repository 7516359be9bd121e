import { SegmentedControl } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { MessageDetail } from "../../api.generated.ts";
import { bytesText } from "../../numbers.ts";
import { When } from "../../parts/when.tsx";
import { text } from "../../text/index.ts";
import { people } from "./people.ts";
import { safeMail } from "./safe-mail.ts";

const route = getRouteApi("/signed-in/messages/$messageId");

/** Who, when, the body and what is attached. */
export function BodyTab({ message }: { message: MessageDetail }) {
  const words = text.message;
  const { headers } = message;
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
      <Body message={message} />
      <Attachments message={message} />
    </div>
  );
}

function Body({ message }: { message: MessageDetail }) {
  const { view, ...others } = route.useSearch();
  const navigate = route.useNavigate();
  const words = text.message;
  const hasBoth = message.html !== null && message.text.trim() !== "";
  const isHtml = message.html !== null && (view !== "text" || !hasBoth);
  return (
    <>
      {hasBoth && (
        <SegmentedControl
          className="message-view"
          aria-label={words.view}
          size="xs"
          value={isHtml ? "html" : "text"}
          onChange={(next) =>
            void navigate({ search: { ...others, ...(next === "text" && { view: "text" }) }, replace: true })
          }
          data={[
            { value: "html", label: words.viewHtml },
            { value: "text", label: words.viewText },
          ]}
        />
      )}
      {isHtml && message.html !== null ? (
        <HtmlBody html={message.html} />
      ) : message.text.trim() === "" ? (
        <p className="soft">{words.emptyBody}</p>
      ) : (
        <pre className="message-text" dir="auto">
          {message.text}
        </pre>
      )}
    </>
  );
}

/** Mail as the sender laid it out, behind glass: no scripts, nothing fetched, no link that opens. */
function HtmlBody({ html }: { html: string }) {
  const safe = useMemo(() => safeMail(html), [html]);
  const words = text.message;
  return (
    <>
      <p className="soft small">
        {words.htmlNote} {safe.remoteImages > 0 && words.blockedImages(safe.remoteImages)}{" "}
        {safe.inlineImages > 0 && words.inlineImages(safe.inlineImages)}
      </p>
      <iframe
        title={words.htmlFrame}
        className="message-frame"
        sandbox=""
        referrerPolicy="no-referrer"
        srcDoc={safe.document}
      />
    </>
  );
}

function Attachments({ message }: { message: MessageDetail }) {
  const words = text.message;
  const attached = message.parts.filter(
    ({ filename, type }) => filename !== null || !/^(text\/(plain|html)|multipart\/)/.test(type),
  );
  return (
    <section className="stack" aria-labelledby="attachments">
      <h2 id="attachments">{words.attachments}</h2>
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
              </tr>
            </thead>
            <tbody>
              {attached.map((part) => (
                <tr key={part.path}>
                  <th scope="row" className="anywhere" dir="auto">
                    {part.filename ?? words.unnamed}
                  </th>
                  <td className="mono anywhere">{part.type}</td>
                  <td className="number nowrap">{bytesText(part.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="soft small">{words.attachmentsNote}</p>
        </>
      )}
    </section>
  );
}
