import type { Problem } from "../../api/problem.ts";
import { Notice } from "../../parts/notice.tsx";
import { text } from "../../text/index.ts";

/** A search that cannot be read: the text with a mark under the place, what is wrong there, what was probably meant. */
export function QueryProblem({ q, problem }: { q: string; problem: Problem }) {
  const words = text.search;
  return (
    <Notice tone="bad" title={words.invalid} alert>
      {problem.places.length === 0 && <p>{problem.title}</p>}
      {problem.places.map((place) => (
        <div key={`${place.column} ${place.detail}`} className="stack">
          {place.column !== undefined && <Marked q={q} column={place.column} />}
          <p>
            {place.detail}
            {place.column !== undefined && <span className="soft"> {words.at(place.column + 1)}</span>}
          </p>
          {place.suggestion !== undefined && (
            <p>
              {words.suggestion} <code>{place.suggestion}</code>
            </p>
          )}
        </div>
      ))}
      <p className="soft">
        {text.problem.code} <code>{problem.code}</code>
      </p>
    </Notice>
  );
}

/** The text with the part from `column` to the next blank marked; at the very end, a mark stands after it. */
function Marked({ q, column }: { q: string; column: number }) {
  const before = q.slice(0, column);
  const part = /^\S*/.exec(q.slice(column))?.[0] || " ";
  return (
    <pre className="query-marked">
      {before}
      <mark>{part}</mark>
      {q.slice(column + part.length)}
    </pre>
  );
}
