import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { connectorsQuery } from "../../api/queries.ts";
import { type Connector, editConnector } from "../../api.generated.ts";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";
import { ConnectorFields, changesOf, draftFaults, draftOf } from "./connector-fields.tsx";

/**
 * The settings of a connector.
 *
 * Live updates do not touch what is being typed: a save names the version it is based on, and when someone else was
 * quicker the person decides.
 */
export function EditConnector({ connector }: { connector: Connector }) {
  const user = useUser();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(connector);
  const [draft, setDraft] = useState(draftOf(connector));
  const [isSaved, setSaved] = useState(false);
  const isReadOnly = !may(user, "connectors:write");
  const restart = (from: Connector) => {
    setBase(from);
    setDraft(draftOf(from));
  };
  const save = useMutation({
    mutationFn: () => editConnector({ id: connector.id, ifMatch: `"${base.version}"`, body: changesOf(draft) }),
    onSuccess: async (saved) => {
      restart(saved);
      setSaved(true);
      await queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey });
    },
  });
  const reload = async () => {
    const { data } = await queryClient.fetchQuery({ ...connectorsQuery, staleTime: 0 });
    restart(data.find(({ id }) => id === connector.id) ?? connector);
    save.reset();
  };
  const faults = draftFaults(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSaved(false);
    if (Object.keys(faults).length === 0) save.mutate();
  };
  const problem = save.isError ? problemOf(save.error) : undefined;

  return (
    <section aria-labelledby="settings" className="stack">
      <h2 id="settings">{text.connector.editHeading}</h2>
      {isReadOnly && <p className="soft">{text.connector.readOnly}</p>}
      <form noValidate className="connector-form" onSubmit={submit}>
        <ConnectorFields
          draft={draft}
          onChange={(next) => {
            setSaved(false);
            setDraft(next);
          }}
          faults={faults}
          problem={problem}
          isReadOnly={isReadOnly}
        />
        {save.isError && (
          <ProblemBox
            error={save.error}
            action={
              problem?.status === 412 && (
                <Button variant="default" onClick={() => void reload()}>
                  {text.connector.stale}
                </Button>
              )
            }
          />
        )}
        {!isReadOnly && (
          <div className="line">
            <Button type="submit" loading={save.isPending}>
              {text.connector.save}
            </Button>
            <span role="status">{isSaved && text.connector.saved}</span>
          </div>
        )}
      </form>
    </section>
  );
}
