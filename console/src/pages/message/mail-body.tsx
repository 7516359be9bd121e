import { SegmentedControl } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { text } from "../../text/index.ts";
import { safeMail } from "./safe-mail.ts";

const route = getRouteApi("/signed-in/messages/$messageId");

/** One body, as HTML behind glass or as text. `name` tells its frame from others on the page. */
export function MailBody({ html, plain, name }: { html: string | null; plain: string; name: string }) {
  const { view, ...others } = route.useSearch();
  const navigate = route.useNavigate();
  const words = text.message;
  const hasBoth = html !== null && plain.trim() !== "";
  const isHtml = html !== null && (view !== "text" || !hasBoth);
  return (
    <>
      {hasBoth && (
        <SegmentedControl
          className="message-view"
          aria-label={`${words.view}: ${name}`}
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
      {isHtml && html !== null ? (
        <HtmlBody html={html} name={name} />
      ) : plain.trim() === "" ? (
        <p className="soft">{words.emptyBody}</p>
      ) : (
        <pre className="message-text" dir="auto">
          {plain}
        </pre>
      )}
    </>
  );
}

/**
 * Mail as the sender laid it out, behind glass: no scripts, nothing fetched, no link that opens. A frame holds one part alone: joined
 * with another, a stranger's open tag around what was encrypted would carry it away.
 */
function HtmlBody({ html, name }: { html: string; name: string }) {
  const safe = useMemo(() => safeMail(html), [html]);
  const words = text.message;
  return (
    <>
      <p className="soft small">
        {words.htmlNote} {safe.remoteImages > 0 && words.blockedImages(safe.remoteImages)}{" "}
        {safe.inlineImages > 0 && words.inlineImages(safe.inlineImages)}
      </p>
      <iframe title={name} className="message-frame" sandbox="" referrerPolicy="no-referrer" srcDoc={safe.document} />
    </>
  );
}
