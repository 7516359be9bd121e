import { text } from "../text/index.ts";

/** Stands where an answer will be. */
export function Loading({ label }: { label?: string }) {
  return (
    <p role="status" className="soft">
      {label ?? text.common.loading}
    </p>
  );
}
