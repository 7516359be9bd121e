import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { problemOf } from "../api/problem.ts";
import { sessionQuery } from "../api/queries.ts";
import { signIn } from "../api.generated.ts";
import { Notice } from "../parts/notice.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { text } from "../text/index.ts";
import "../shell/shell.css";

const route = getRouteApi("/sign-in");

/** E-mail and passphrase; afterwards back to where the session ended. */
export function SignInPage() {
  const { back } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    document.title = text.title(text.signIn.page);
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { user } = await signIn({ body: { email, passphrase } });
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, user);
      router.history.push(isOwnPath(back) ? back : "/");
    } catch (thrown) {
      setPassphrase("");
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="alone">
      <div className="product">{text.product}</div>
      <h1>{text.signIn.page}</h1>
      {back !== undefined && error === undefined && <p className="soft">{text.signIn.signedOut}</p>}
      {error !== undefined && <SignInProblem error={error} />}
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label={text.common.email}
          type="email"
          name="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={text.common.passphrase}
          name="passphrase"
          autoComplete="current-password"
          required
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={isBusy}>
          {text.signIn.submit}
        </Button>
      </form>
      <p className="soft">{text.signIn.noAccount}</p>
    </main>
  );
}

function SignInProblem({ error }: { error: unknown }) {
  const { status, code } = problemOf(error);
  if (status !== 401) return <ProblemBox error={error} />;
  return (
    <Notice tone="bad" title={text.signIn.rejected} alert>
      <p>
        {text.signIn.rejectedTodo} <span className="soft">{text.problem.code} </span>
        <code>{code}</code>
      </p>
    </Notice>
  );
}

/** Only a path of this console may be gone back to: `//host` and `https:` would leave it. */
function isOwnPath(path: string | undefined): path is string {
  return path !== undefined && /^\/(?![/\\])/.test(path);
}
