import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import {
  ApiProblem,
  type Connector,
  type ExtractionTest,
  type TestCanary,
  type TestStep,
  testExtraction,
} from "../../api.generated.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { Badge, type Tone } from "../../parts/shape.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";

const tones: Record<TestStep["state"], Tone> = { passed: "good", warned: "warn", failed: "bad", "not-run": "idle" };
const gradeTones: Record<ExtractionTest["grade"], Tone> = { A: "good", B: "good", C: "warn", D: "warn", F: "bad" };

/** How long a test mail is waited for, in seconds: time to write one, and for a mail server to journal it. */
const canarySeconds = 180;

/** Test Journal Extraction: a button, the steps as they end, and the report. */
export function ExtractionTestPanel({ connector }: { connector: Connector }) {
  const words = text.extraction;
  const user = useUser();
  const [steps, setSteps] = useState<TestStep[]>([]);
  const [canary, setCanary] = useState<TestCanary | null>(null);
  const test = useMutation({
    mutationFn: async (waitSeconds: number | null) => {
      setSteps([]);
      setCanary(null);
      const asked = waitSeconds === null ? { id: connector.id } : { id: connector.id, waitSeconds };
      for await (const line of testExtraction(asked)) {
        if ("step" in line) setSteps((before) => [...before, line.step]);
        else if ("canary" in line) setCanary(line.canary);
        else if ("result" in line) return line.result;
        else throw new ApiProblem(line.problem);
      }
      throw new Error("the server ended before the test was done");
    },
  });
  if (!may(user, "connectors:write")) return null;
  return (
    <section className="stack" aria-labelledby="extraction">
      <h2 id="extraction">{words.heading}</h2>
      <p className="soft">{words.lead}</p>
      <div className="line">
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(null)}>
          {test.isSuccess ? words.again : words.run}
        </Button>
        {connector.transport === "smtp" && (
          <Button variant="default" disabled={test.isPending} onClick={() => test.mutate(canarySeconds)}>
            {words.wait}
          </Button>
        )}
        <span role="status">
          {test.isPending && words.running}
          {test.isSuccess && (
            <>
              <Badge tone={gradeTones[test.data.grade]}>{words.grade(test.data.grade)}</Badge>{" "}
              {words.took(test.data.ms)} {words.nothingDeleted}
            </>
          )}
        </span>
      </div>
      {test.isPending && canary !== null && <CanaryCall canary={canary} />}
      {test.isError && <ProblemBox error={test.error} />}
      {test.isSuccess && <Changes report={test.data} />}
      {steps.length > 0 && (
        <ol className="steps stack">
          {[...steps]
            .sort((one, other) => one.number - other.number)
            .map((step) => (
              <Step key={step.name} step={step} />
            ))}
        </ol>
      )}
      {test.isSuccess && <Sharing report={test.data} />}
    </section>
  );
}

function CanaryCall({ canary }: { canary: TestCanary }) {
  const words = text.extraction;
  return (
    <div>
      <p>
        {words.canary(canary.address, canary.seconds)} <strong>{canary.word}</strong>{" "}
        <CopyButton value={canary.word} name={text.common.copyOf(words.canaryWord)} />
      </p>
    </div>
  );
}

function Changes({ report }: { report: ExtractionTest }) {
  const words = text.extraction;
  return (
    <div>
      <h3>{words.changedSince}</h3>
      {report.comparedWith === null && <p className="soft">{words.neverPassed}</p>}
      {report.comparedWith !== null && report.changed.length === 0 && <p className="soft">{words.nothingChanged}</p>}
      <ul>
        {report.changed.map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
    </div>
  );
}

function Step({ step }: { step: TestStep }) {
  const words = text.extraction;
  return (
    <li value={step.number}>
      <Badge tone={tones[step.state]}>
        {words.steps[step.name]}: {words.states[step.state]}
      </Badge>{" "}
      {step.state !== "not-run" && <span className="soft">{words.ms(step.ms)}</span>}
      {step.meaning !== "" && <p>{step.meaning}</p>}
      {step.fix !== "" && (
        <p>
          <strong>{words.todo}</strong> {step.fix}
        </p>
      )}
      <div className="soft">{step.evidence.join("; ")}</div>
    </li>
  );
}

function Sharing({ report }: { report: ExtractionTest }) {
  const words = text.extraction;
  return (
    <>
      {report.letter !== "" && (
        <details>
          <summary>{words.letter}</summary>
          <pre className="transcript">{report.letter}</pre>
          <CopyButton value={report.letter} name={text.common.copyOf(words.letter)} />
        </details>
      )}
      <details>
        <summary>{words.report}</summary>
        <pre className="transcript">{JSON.stringify(report, null, 2)}</pre>
        <CopyButton value={JSON.stringify(report, null, 2)} name={text.common.copyOf(words.report)} />
      </details>
    </>
  );
}
