import { Link } from "@tanstack/react-router";
import type { AuditEntry } from "../../api.generated.ts";
import { countText } from "../../numbers.ts";
import { Scrolls } from "../../parts/scrolls.tsx";
import { When } from "../../parts/when.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";
import { noteLines } from "./note-lines.ts";

/** Ids that are shown of an entry; the rest is counted. */
const subjectsShown = 3;

/** Entries of the audit log. */
export function EntryTable({ entries }: { entries: readonly AuditEntry[] }) {
  const words = text.audit;
  return (
    <Scrolls name={words.page}>
      <table className="data">
        <thead>
          <tr>
            <th scope="col" className="number">
              {words.columns.seq}
            </th>
            <th scope="col">{words.columns.at}</th>
            <th scope="col">{words.columns.who}</th>
            <th scope="col">{words.columns.action}</th>
            <th scope="col">{words.columns.on}</th>
            <th scope="col">{words.columns.note}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td className="number">{countText(entry.seq)}</td>
              <td>
                <When at={entry.at} />
              </td>
              <td dir="auto" className="nowrap">
                {entry.who === "" ? words.nobody : entry.who} <span className="soft">{words.kinds[entry.kind]}</span>
              </td>
              <td title={entry.action}>{words.actions[entry.action] ?? entry.action}</td>
              <td>
                <Subjects ids={entry.subjects} />
              </td>
              <td className="audit-note">{entry.note !== null && <Note note={entry.note} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function Subjects({ ids }: { ids: readonly string[] }) {
  const rest = ids.length - subjectsShown;
  return (
    <>
      {ids.slice(0, subjectsShown).map((id) => (
        <div key={id} className="nowrap">
          {id.startsWith("msg_") && <Link {...pages.message(id)}>{shortId(id)}</Link>}
          {id.startsWith("con_") && <Link {...pages.connector(id)}>{shortId(id)}</Link>}
          {!/^(msg|con)_/.test(id) && <span title={id}>{shortId(id)}</span>}
        </div>
      ))}
      {rest > 0 && <div className="soft">+{countText(rest)}</div>}
    </>
  );
}

/** Long ids are cut in the middle: both ends are what people compare. */
function shortId(id: string) {
  return <code title={id}>{id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-6)}` : id}</code>;
}

function Note({ note }: { note: string }) {
  const lines = noteLines(note);
  if (lines === null) return <span dir="auto">{note}</span>;
  return (
    <dl className="facts small">
      {lines.map(({ name, value }) => (
        <div key={name} className="contents">
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
