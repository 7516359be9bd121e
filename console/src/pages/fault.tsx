import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import "../shell/shell.css";
import { ProblemBox } from "../parts/problem-box.tsx";
import { pages } from "../paths.ts";
import { text } from "../text/index.ts";

/** A page that could not be drawn, or its answer not fetched. */
export function FaultPage({ error }: { error: unknown }) {
  return (
    <div className="alone">
      <ProblemBox error={error} onRetry={() => window.location.reload()} />
    </div>
  );
}

/** An address that names no page. */
export function NotFoundPage() {
  useEffect(() => {
    document.title = text.title(text.common.notFound);
  }, []);
  return (
    <main className="alone">
      <h1>{text.common.notFound}</h1>
      <p>{text.common.notFoundDetail}</p>
      <p>
        <Link {...pages.overview()}>{text.common.toOverview}</Link>
      </p>
    </main>
  );
}
