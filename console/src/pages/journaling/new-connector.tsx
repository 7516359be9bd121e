import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { connectorsQuery } from "../../api/queries.ts";
import { addConnector } from "../../api.generated.ts";
import { Page } from "../../parts/page.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";
import { ConnectorFields, draftFaults, draftOf, newConnectorOf } from "./connector-fields.tsx";
import { journalingCrumbs } from "./crumbs.ts";
import "./connector.css";

/** The form for a new connector; saving leads to the page that says where to send mail. */
export function NewConnectorPage() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(draftOf());
  const [wasSent, setSent] = useState(false);
  const create = useMutation({
    mutationFn: () => addConnector({ body: newConnectorOf(draft) }),
    onSuccess: async (connector) => {
      await queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey });
      await navigate({ ...pages.connector(connector.id, { created: "yes" }), replace: true });
    },
  });
  const faults = draftFaults(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (Object.keys(faults).length === 0) create.mutate();
  };

  return (
    <Page title={text.connector.newPage} crumbs={journalingCrumbs(text.connector.newPage)}>
      <form noValidate className="connector-form" onSubmit={submit}>
        <ConnectorFields
          isNew
          draft={draft}
          onChange={setDraft}
          faults={wasSent ? faults : {}}
          problem={create.isError ? problemOf(create.error) : undefined}
        />
        {create.isError && <ProblemBox error={create.error} />}
        <div className="line">
          <Button type="submit" loading={create.isPending}>
            {text.connector.create}
          </Button>
          <Button variant="default" renderRoot={(props) => <Link {...pages.journaling()} {...props} />}>
            {text.common.cancel}
          </Button>
        </div>
      </form>
    </Page>
  );
}
