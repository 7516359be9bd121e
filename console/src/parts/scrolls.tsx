import type { ReactNode } from "react";
import { text } from "../text/index.ts";

/** Lets wide content scroll inside itself, by keyboard too, so that the page never scrolls sideways. */
export function Scrolls({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable without a mouse
    <section className="scrolls" tabIndex={0} aria-label={text.common.scrollRegion(name)}>
      {children}
    </section>
  );
}
