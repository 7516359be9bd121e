import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { fieldProblem, problemOf } from "../api/problem.ts";
import { sessionQuery } from "../api/queries.ts";
import { checkClaim, claim } from "../api.generated.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Loading } from "../parts/loading.tsx";
import { Notice } from "../parts/notice.tsx";
import { ProblemBox } from "../parts/problem-box.tsx";
import { When } from "../parts/when.tsx";
import { pages } from "../paths.ts";
import { text } from "../text/index.ts";
import "../shell/shell.css";

/** Shortest passphrase the server takes, in characters. */
const passphraseCharactersMin = 12;

/** The one-time link that makes the first administrator. Its token stays in the fragment, out of every log. */
export function ClaimPage() {
  const token = useLocation({ select: (location) => location.hash });
  const link = useQuery({
    queryKey: ["claim", token],
    queryFn: () => checkClaim({ token }),
    enabled: token !== "",
    staleTime: 0,
  });
  useEffect(() => {
    document.title = text.title(text.claim.page);
  }, []);
  return (
    <main className="alone">
      <div className="product">{text.product}</div>
      <h1>{text.claim.page}</h1>
      {token === "" && (
        <Notice tone="warn" title={text.claim.missing}>
          <p>{text.claim.missingDetail}</p>
          <NewLink />
        </Notice>
      )}
      {link.isLoading && <Loading label={text.claim.checking} />}
      {link.isError && <LinkProblem error={link.error} />}
      {link.isSuccess && <ClaimForm token={token} expiresAt={link.data.expiresAt} />}
    </main>
  );
}

function ClaimForm({ token, expiresAt }: { token: string; expiresAt: string }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [repeated, setRepeated] = useState("");
  const [wasSent, setSent] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const faults = {
    email: /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? undefined : text.claim.badEmail,
    passphrase:
      [...passphrase].length < passphraseCharactersMin ? text.claim.tooShort([...passphrase].length) : undefined,
    repeated: repeated === passphrase ? undefined : text.claim.differs,
  };
  const problem = error === undefined ? undefined : problemOf(error);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (faults.email || faults.passphrase || faults.repeated) return;
    setBusy(true);
    setError(undefined);
    try {
      const { user } = await claim({ body: { token, email: email.trim(), passphrase } });
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, user);
      await navigate({ ...pages.overview(), replace: true });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  if (problem?.status === 410 || problem?.status === 404) return <LinkProblem error={error} />;
  return (
    <>
      <p>{text.claim.lead}</p>
      <p className="soft">
        {text.claim.validUntil}
        <When at={expiresAt} />
      </p>
      {error !== undefined && <ProblemBox error={error} />}
      <form noValidate onSubmit={(event) => void submit(event)}>
        <TextInput
          label={text.common.email}
          description={text.claim.emailHint}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={(wasSent && faults.email) || fieldProblem(problem, "email")}
        />
        <PasswordInput
          label={text.common.passphrase}
          description={text.claim.passphraseHint}
          autoComplete="new-password"
          required
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
          error={(wasSent && faults.passphrase) || fieldProblem(problem, "passphrase")}
        />
        <PasswordInput
          label={text.claim.repeat}
          autoComplete="new-password"
          required
          value={repeated}
          onChange={(event) => setRepeated(event.currentTarget.value)}
          error={wasSent && faults.repeated}
        />
        <Button type="submit" size="sm" loading={isBusy}>
          {text.claim.submit}
        </Button>
      </form>
    </>
  );
}

/** Used, expired or already claimed is expected; anything else is shown as the failure it is. */
function LinkProblem({ error }: { error: unknown }) {
  const { status, code } = problemOf(error);
  if (status !== 410 && status !== 404) return <ProblemBox error={error} />;
  return (
    <Notice tone="warn" title={text.claim.used} alert>
      <p>{text.claim.usedDetail}</p>
      <NewLink />
      <p>
        {text.claim.usedClaimed} <Link {...pages.signIn()}>{text.claim.toSignIn}</Link>
      </p>
      <p className="soft">
        {text.problem.code} <code>{code}</code>
      </p>
    </Notice>
  );
}

function NewLink() {
  return (
    <>
      <p>{text.claim.usedTodo}</p>
      <p className="line">
        <code>{text.claim.usedCommand}</code>
        <CopyButton value={text.claim.usedCommand} name={text.common.copyOf(text.claim.usedCommand)} />
      </p>
    </>
  );
}
