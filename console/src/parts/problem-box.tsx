import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { type Problem, problemOf, problemReport } from "../api/problem.ts";
import { text } from "../text/index.ts";
import { CopyButton } from "./copy-button.tsx";
import { Notice } from "./notice.tsx";

/** A failure where it happened: what happened, effect on mail, what to do, code. Never a passing toast. */
export function ProblemBox(props: { error: unknown; onRetry?: () => void; action?: ReactNode }) {
  const problem = problemOf(props.error);
  return (
    <Notice tone="bad" title={problem.title} alert>
      {problem.detail !== "" && <p className="anywhere">{problem.detail}</p>}
      <ProblemFacts problem={problem} />
      <div className="line">
        {props.action}
        {props.onRetry && (
          <Button variant="default" onClick={props.onRetry}>
            {text.problem.retry}
          </Button>
        )}
        <CopyButton value={problemReport(problem)} name={text.problem.copy} label={text.problem.copy} />
      </div>
    </Notice>
  );
}

function ProblemFacts({ problem }: { problem: Problem }) {
  return (
    <dl className="facts">
      <dt>{text.problem.effect}</dt>
      <dd>{problem.effect}</dd>
      <dt>{text.problem.todo}</dt>
      <dd>{problem.todo}</dd>
      <dt>{text.problem.code}</dt>
      <dd>
        <code>{problem.code}</code>
        {problem.traceId && (
          <span className="soft">
            {" "}
            · {text.problem.trace} <code>{problem.traceId}</code>
          </span>
        )}
      </dd>
    </dl>
  );
}
