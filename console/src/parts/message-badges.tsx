import type { MessageSummary } from "../api.generated.ts";
import { text } from "../text/index.ts";
import { Badge, type Tone } from "./shape.tsx";

const tones: Record<MessageSummary["state"], Tone> = {
  archived: "good",
  duplicate: "idle",
  quarantined: "warn",
  held: "warn",
};

/** A state in words with its reason. */
export function StateBadge({ state, reason }: Pick<MessageSummary, "state" | "reason">) {
  return (
    <Badge tone={tones[state]}>
      {text.states[state]}
      {reason !== null && ` — ${text.reasons[reason] ?? reason}`}
    </Badge>
  );
}

/**
 * What is unusual about a message: a state other than archived, marks, attachment, more than one capture.
 *
 * @param isBrief for lists: without the reason of the state
 */
export function MessageBadges(props: {
  message: Pick<MessageSummary, "state" | "reason" | "flags" | "hasAttachment">;
  receipts: number;
  isBrief?: boolean;
}) {
  const { message, receipts, isBrief = false } = props;
  return (
    <span className="line">
      {message.state !== "archived" && <StateBadge state={message.state} reason={isBrief ? null : message.reason} />}
      {message.flags.map((flag) => (
        <Badge key={flag} tone="idle">
          {text.flags[flag] ?? flag}
        </Badge>
      ))}
      {message.hasAttachment && (
        <span className="nowrap">
          <AttachmentSign /> {text.search.attachment}
        </span>
      )}
      {receipts > 1 && <span className="soft nowrap">{text.search.captures(receipts)}</span>}
    </span>
  );
}

function AttachmentSign() {
  return (
    <svg width="12" height="12" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d="M13 7.5 7.6 12.9a3 3 0 0 1-4.2-4.2L9 3.1a2 2 0 0 1 2.8 2.8L6.3 11.4a1 1 0 0 1-1.4-1.4L9.6 5.3"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
      />
    </svg>
  );
}
