import "./shape.css";

/** What a colour means. Every tone has a shape of its own, so that colour is never the only sign. */
export type Tone = "good" | "warn" | "bad" | "fresh" | "idle";

const drawings: Record<Tone, React.ReactNode> = {
  good: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  warn: <path d="M6 .8 11.6 11H.4z" fill="currentColor" />,
  bad: <rect x="1" y="1" width="10" height="10" fill="currentColor" />,
  fresh: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  idle: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.4 2" />,
};

/** The tone's shape, for the eye only: the words beside it say the same. */
export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg
      className={`shape tone-${tone}`}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
    >
      {drawings[tone]}
    </svg>
  );
}

/** A short state in words with its shape. */
export function Badge({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  return (
    <span className={`badge tone-${tone}`}>
      <Shape tone={tone} />
      <span>{children}</span>
    </span>
  );
}
