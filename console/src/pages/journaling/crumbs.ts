import type { Crumb } from "../../parts/page.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";

/** The guide's path to the journaling page, and on to `page` when there is one below it. */
export function journalingCrumbs(page?: string): Crumb[] {
  const { administration, services, journaling } = text.nav.path;
  const path: Crumb[] = [{ label: administration }, { label: services }];
  if (page === undefined) return [...path, { label: journaling }];
  return [...path, { label: journaling, link: pages.journaling() }, { label: page }];
}
