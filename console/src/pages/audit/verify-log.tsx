import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type AuditVerification, verifyAudit } from "../../api.generated.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Notice } from "../../parts/notice.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { text } from "../../text/index.ts";

/** A button that checks the whole log, and what came of it. */
export function VerifyLog() {
  const words = text.audit;
  const check = useMutation({ mutationFn: () => verifyAudit() });
  return (
    <section className="stack" aria-label={words.verify}>
      <div className="line">
        <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
          {words.verify}
        </Button>
        <span role="status">{check.isPending && words.verifying}</span>
      </div>
      {check.isError && <ProblemBox error={check.error} />}
      {check.isSuccess && <Verdict found={check.data} />}
    </section>
  );
}

function Verdict({ found: { ok, entries, head, breaks } }: { found: AuditVerification }) {
  const words = text.audit;
  const headText = head === null ? "" : `${head.seq}:${head.hash}`;
  return (
    <Notice tone={ok ? "good" : "bad"} title={ok ? words.whole(entries) : words.broken(entries)} alert={!ok}>
      {!ok && (
        <>
          <ul>
            {breaks.map(({ seq, words: said }) => (
              <li key={`${seq} ${said}`}>{said}</li>
            ))}
          </ul>
          <p>{words.brokenTodo}</p>
        </>
      )}
      {head !== null && (
        <div>
          <div className="line">
            <span className="soft">{words.head}</span> <code className="anywhere">{headText}</code>
            <CopyButton value={headText} name={text.common.copyOf(words.head)} />
          </div>
          <p className="soft">{words.headHint}</p>
        </div>
      )}
    </Notice>
  );
}
