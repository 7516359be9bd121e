import { Link } from "@tanstack/react-router";
import type { ArchiveStatus } from "../../api.generated.ts";
import { countText, shareText } from "../../numbers.ts";
import { Shape } from "../../parts/shape.tsx";
import { pages } from "../../paths.ts";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";

/** The states of the equation in its own order. */
const terms = ["archived", "duplicate", "quarantined", "held", "processing"] as const;
type Term = (typeof terms)[number];

/** The search that lists what a term counts. Archived is everything that carries no other mark. */
const searches: Partial<Record<Term, string>> = {
  archived: "-is:quarantined -is:held",
  duplicate: "is:duplicate",
  quarantined: "is:quarantined",
  held: "is:held",
};

/** received = archived + duplicate + quarantined + held + processing: drawn, in a line, and as a table. */
export function Equation({ status }: { status: ArchiveStatus }) {
  const spoken = terms.map((term) => `${text.states[term].toLowerCase()} ${countText(status[term])}`).join(", ");
  return (
    <section className="stack" aria-labelledby="equation">
      <h2 id="equation">{text.overview.equation}</h2>
      <p className="soft">{text.overview.equationLead}</p>
      <div className="equation">
        <div className="stack">
          <Line status={status} />
          <Bar status={status} label={text.overview.equationSpoken(status.received, spoken)} />
          <p className="line">
            <Shape tone={status.unaccounted === 0 ? "good" : "bad"} />
            <strong>
              {text.overview.unaccountedTerm}: {countText(status.unaccounted)}
            </strong>
          </p>
        </div>
        <Table status={status} />
      </div>
    </section>
  );
}

function Line({ status }: { status: ArchiveStatus }) {
  return (
    <p className="equation-line">
      <span className="term">
        <strong>{countText(status.received)}</strong> {text.overview.received}
      </span>
      {terms.map((term, place) => (
        <span key={term} className="term">
          <span className="soft">{place === 0 ? "=" : "+"}</span> <strong>{countText(status[term])}</strong>{" "}
          {text.states[term].toLowerCase()}
        </span>
      ))}
    </p>
  );
}

/** A stacked bar for the eye; the table beside it says the same. What is not zero is always wide enough to be seen. */
function Bar({ status, label }: { status: ArchiveStatus; label: string }) {
  return (
    <div className="equation-bar" role="img" aria-label={label}>
      {terms
        .filter((term) => status[term] > 0)
        .map((term) => (
          <span key={term} className={`bar-${term}`} style={{ flexGrow: status[term] }} />
        ))}
    </div>
  );
}

function Table({ status }: { status: ArchiveStatus }) {
  const user = useUser();
  return (
    <table className="data">
      <caption className="only-spoken">{text.overview.equation}</caption>
      <thead>
        <tr>
          <th scope="col">{text.overview.state}</th>
          <th scope="col" className="number">
            {text.overview.messages}
          </th>
          <th scope="col" className="number">
            {text.overview.share}
          </th>
          <th scope="col" className="meaning">
            {text.overview.meaning}
          </th>
        </tr>
      </thead>
      <tbody>
        {terms.map((term) => {
          const search = searches[term];
          const count = countText(status[term]);
          return (
            <tr key={term}>
              <th scope="row">
                <span className={`key bar-${term}`} aria-hidden="true" />
                {text.states[term]}
              </th>
              <td className="number">
                {search !== undefined && status[term] > 0 && may(user, "messages:read") ? (
                  <Link {...pages.search(search)} aria-label={`${text.states[term]}: ${count}`}>
                    {count}
                  </Link>
                ) : (
                  count
                )}
              </td>
              <td className="number">{shareText(status[term], status.received)}</td>
              <td className="meaning soft">{text.overview.meanings[term]}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{text.overview.total}</th>
          <td className="number">{countText(status.received)}</td>
          <td className="number">{shareText(status.received, status.received)}</td>
          <td className="meaning" />
        </tr>
      </tfoot>
    </table>
  );
}
