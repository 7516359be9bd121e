import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { connectorsQuery } from "../../api/queries.ts";
import { type Connector, dropConnectorLogin, makeConnectorLogin, type SmtpSettings } from "../../api.generated.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { may, useUser } from "../../session.ts";
import { text } from "../../text/index.ts";

/** The login that senders must use: made here, shown once, taken away here. */
export function SenderLogin({ connector, login }: { connector: Connector; login: SmtpSettings }) {
  const words = text.senders;
  const user = useUser();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: connectorsQuery.queryKey });
  const make = useMutation({ mutationFn: () => makeConnectorLogin({ id: connector.id }), onSuccess: refresh });
  const drop = useMutation({
    mutationFn: () => dropConnectorLogin({ id: connector.id }),
    onSuccess: () => {
      make.reset();
      return refresh();
    },
  });
  const { hasLogin } = login;
  return (
    <section className="stack" aria-labelledby="login">
      <h2 id="login">{words.login}</h2>
      <p>{hasLogin ? words.loginAsked(connector.journalEmailAddress) : words.loginNone}</p>
      {make.data && (
        <p role="status" className="line">
          {words.password}: <code>{make.data.password}</code>
          <CopyButton value={make.data.password} name={text.common.copyOf(words.password)} />
        </p>
      )}
      {make.isError && <ProblemBox error={make.error} />}
      {drop.isError && <ProblemBox error={drop.error} />}
      {may(user, "connectors:write") && (
        <div className="line">
          <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
            {hasLogin ? words.renewLogin : words.makeLogin}
          </Button>
          {hasLogin && (
            <Button variant="default" loading={drop.isPending} onClick={() => drop.mutate()}>
              {words.dropLogin}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
