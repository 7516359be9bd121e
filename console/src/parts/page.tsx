import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { text } from "../text/index.ts";
import "./page.css";

/** A step of the way to a page; without `link` it is a heading of the navigation and no page. */
export interface Crumb {
  label: string;
  link?: { to: "/services/journaling" } | { to: "/search"; search: { q?: string } };
}

/** The frame of every signed-in page: title, breadcrumb, heading, actions. Moves focus to the heading on arrival. */
export function Page(props: {
  title: string;
  crumbs?: Crumb[];
  actions?: ReactNode;
  heading?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text.title(props.title);
  }, [props.title]);
  useEffect(() => {
    // The first page of a visit keeps the browser's own focus; a later one is announced by its heading.
    if (arrived) heading.current?.focus({ preventScroll: true });
    arrived = true;
  }, []);
  return (
    <div className="page">
      {props.crumbs && <Breadcrumb crumbs={props.crumbs} />}
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1} dir="auto">
          {props.heading ?? props.title}
        </h1>
        {props.actions && <div className="line">{props.actions}</div>}
      </div>
      {props.children}
    </div>
  );
}

let arrived = false;

function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav aria-label={text.nav.breadcrumb} className="breadcrumb">
      <ol>
        {crumbs.map((crumb, place) => (
          <li key={crumb.label} aria-current={place === crumbs.length - 1 ? "page" : undefined}>
            {crumb.link ? <Link {...crumb.link}>{crumb.label}</Link> : crumb.label}
          </li>
        ))}
      </ol>
    </nav>
  );
}
