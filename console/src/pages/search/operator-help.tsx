import { text } from "../../text/index.ts";

/** The operators, folded away until asked for. */
export function OperatorHelp() {
  return (
    <details className="operator-help">
      <summary>{text.search.help}</summary>
      <p className="soft">{text.search.startLead}</p>
      <dl className="facts">
        {text.search.operators.map(([example, meaning]) => (
          <div key={example} className="contents">
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
