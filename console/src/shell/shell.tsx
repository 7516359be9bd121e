import { Outlet } from "@tanstack/react-router";
import { text } from "../text/index.ts";
import { LiveBand } from "./live-band.tsx";
import { LiveProvider, useLive } from "./live-provider.tsx";
import { Rail } from "./rail.tsx";
import "./shell.css";

/** What surrounds every signed-in page. */
export function Shell() {
  return (
    <LiveProvider>
      <div className="shell">
        <a href="#content" className="skip">
          {text.skip}
        </a>
        <Rail />
        <Content />
      </div>
    </LiveProvider>
  );
}

function Content() {
  const { state } = useLive();
  return (
    <main id="content" tabIndex={-1} data-stale={state.kind === "lost"}>
      <LiveBand />
      <Outlet />
    </main>
  );
}
