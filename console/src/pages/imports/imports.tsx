import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { importsQuery } from "../../api/queries.ts";
import { Loading } from "../../parts/loading.tsx";
import { Notice } from "../../parts/notice.tsx";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { ImportTable } from "./import-table.tsx";
import { PathForm } from "./path-form.tsx";
import { Report } from "./report.tsx";
import { UploadForm } from "./upload-form.tsx";
import "./imports.css";

/** Bringing in mail from files: by upload, or from the server's own disk; how far each is, and what became of it. */
export function ImportsPage() {
  const words = text.imports;
  const isAllowed = may(useUser(), "imports:write");
  const imports = useQuery({ ...importsQuery, enabled: isAllowed });
  const [shown, setShown] = useState<string | null>(null);
  const chosen = imports.data?.data.find(({ id }) => id === shown);
  return (
    <Page title={words.title}>
      <p className="soft">{words.lead}</p>
      {!isAllowed && <Notice tone="idle" title={words.notAllowed} />}
      {imports.isError && <ProblemBox error={imports.error} onRetry={() => void imports.refetch()} />}
      {imports.isLoading && <Loading />}
      {imports.data && (
        <>
          <div className="import-forms">
            <UploadForm />
            <PathForm folders={imports.data.folders} />
          </div>
          <ImportTable imports={imports.data.data} onShow={setShown} />
          {chosen && <Report about={chosen} />}
        </>
      )}
    </Page>
  );
}
