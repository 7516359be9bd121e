import { useQuery } from "@tanstack/react-query";
import { importReportQuery } from "../../api/queries.ts";
import type { FileImport, FileImportReport } from "../../api.generated.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Scrolls } from "../../parts/scrolls.tsx";
import { text } from "../../text/index.ts";

/** What became of one import: why it failed, source by source, and what could not be read. */
export function Report({ about }: { about: FileImport }) {
  const words = text.imports;
  const report = useQuery(importReportQuery(about.id, about.state));
  return (
    <section className="stack" aria-labelledby="import-report">
      <h2 id="import-report" className="anywhere" dir="auto">
        {words.report(about.name)}
      </h2>
      {about.problem && <Problem problem={about.problem} />}
      {report.isError && <ProblemBox error={report.error} onRetry={() => void report.refetch()} />}
      {report.isLoading && <Loading />}
      {report.data && <Sources report={report.data} />}
      {report.data && report.data.unread.length > 0 && <Unread report={report.data} />}
    </section>
  );
}

function Problem({ problem: { code, detail, effect } }: { problem: NonNullable<FileImport["problem"]> }) {
  return (
    <Notice tone="bad" title={detail}>
      <dl className="facts">
        <dt>{text.problem.effect}</dt>
        <dd>{effect}</dd>
        <dt>{text.problem.todo}</dt>
        <dd>{text.problem.todoByCode[code] ?? text.problem.todoElse}</dd>
        <dt>{text.problem.code}</dt>
        <dd>
          <code>{code}</code>
        </dd>
      </dl>
    </Notice>
  );
}

function Sources({ report }: { report: FileImportReport }) {
  const words = text.imports;
  const { found, archived, duplicate, quarantined, unreadable } = words.columns;
  return (
    <>
      <Scrolls name={words.sources}>
        <table className="data imports">
          <caption>{words.sources}</caption>
          <thead>
            <tr>
              <th scope="col">{words.source}</th>
              {[found, archived, duplicate, quarantined, unreadable].map((title) => (
                <th key={title} scope="col" className="number">
                  {title}
                </th>
              ))}
              <th scope="col">{words.readAs}</th>
            </tr>
          </thead>
          <tbody>
            {report.sources.map((one) => (
              <tr key={one.source}>
                <th scope="row" className="anywhere" dir="auto">
                  {one.source}
                </th>
                <td className="number">{one.found}</td>
                <td className="number">{one.archived}</td>
                <td className="number">{one.duplicate}</td>
                <td className="number">{one.quarantined}</td>
                <td className="number">{one.unreadable}</td>
                <td>{one.variant}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {report.outcome.ignored > 0 && <p>{words.ignored(report.outcome.ignored)}</p>}
    </>
  );
}

function Unread({ report: { unread, outcome } }: { report: FileImportReport }) {
  const words = text.imports;
  return (
    <>
      <h3>{words.unread}</h3>
      <ul>
        {unread.map(({ label, reason }) => (
          <li key={`${label} ${reason}`} className="anywhere" dir="auto">
            {label}: {reason}
          </li>
        ))}
      </ul>
      {outcome.unreadable > unread.length && <p>{words.more(outcome.unreadable - unread.length)}</p>}
    </>
  );
}
