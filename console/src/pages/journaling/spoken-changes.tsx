import { useEffect, useRef, useState } from "react";
import type { Connector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";
import { statusWords } from "./status.ts";

/** Live changes are read out at most this often. */
const spokenEveryMs = 10_000;

/** Says for screen readers which states changed; the numbers themselves would never be silent. */
export function SpokenChanges({ connectors }: { connectors: Connector[] }) {
  const heard = useRef<Map<string, string> | undefined>(undefined);
  const latest = useRef(connectors);
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    latest.current = connectors;
  }, [connectors]);
  useEffect(() => {
    const speak = () => {
      const now = new Map(latest.current.map((connector) => [connector.description, statusWords(connector)]));
      const before = heard.current;
      heard.current = now;
      if (!before) return;
      const changes = [...now].filter(([name, words]) => before.has(name) && before.get(name) !== words);
      if (changes.length > 0) {
        setSpoken(text.journaling.announce(changes.length, changes.map((change) => change.join(" ")).join("; ")));
      }
    };
    speak();
    const timer = window.setInterval(speak, spokenEveryMs);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <p role="status" className="only-spoken">
      {spoken}
    </p>
  );
}
