import { Button, FileInput, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { decryptionKeysQuery } from "../../api/queries.ts";
import { resultOf } from "../../api/work.ts";
import { importDecryptionKeys, type KeyImportResult, trustAuthorities } from "../../api.generated.ts";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { text } from "../../text/index.ts";

/** Gives the keys of a file to the archive, and tells what they opened. Progress stands at the top of the page. */
export function ImportKeys() {
  const words = text.keys;
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const give = useMutation({
    mutationFn: async (chosen: File) => {
      const body = { file: await base64Of(chosen), passphrase };
      return resultOf<KeyImportResult>(importDecryptionKeys({ body }));
    },
    onSuccess: () => setFile(null),
    // What was typed is not kept longer than it is needed, whatever came of it.
    onSettled: () => {
      setPassphrase("");
      return queryClient.invalidateQueries({ queryKey: decryptionKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null) give.mutate(file);
  };
  return (
    <form className="stack" aria-labelledby="import-keys" onSubmit={submit}>
      <h2 id="import-keys">{words.importHeading}</h2>
      <p className="soft">{words.importLead}</p>
      <FileInput
        label={words.file}
        placeholder={words.choose}
        value={file}
        onChange={setFile}
        accept=".p12,.pfx,.pem,.key,.crt"
        clearable
      />
      <PasswordInput
        label={words.passphrase}
        description={words.passphraseHint}
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
        autoComplete="off"
      />
      <div>
        <Button type="submit" loading={give.isPending} disabled={file === null}>
          {words.import}
        </Button>
      </div>
      <p role="status">{give.data && words.imported(give.data.certificates.length, give.data.opened)}</p>
      {give.isError && <ProblemBox error={give.error} />}
    </form>
  );
}

/** Trusts the certificates of a file as authorities. */
export function TrustAuthority() {
  const words = text.keys;
  const queryClient = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const trust = useMutation({
    mutationFn: async (chosen: File) => trustAuthorities({ body: { file: await base64Of(chosen) } }),
    onSuccess: () => {
      setFile(null);
      return queryClient.invalidateQueries({ queryKey: decryptionKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null) trust.mutate(file);
  };
  return (
    <form className="stack" aria-labelledby="trust-authority" onSubmit={submit}>
      <h2 id="trust-authority">{words.trustHeading}</h2>
      <p className="soft">{words.trustLead}</p>
      <FileInput
        label={words.trustFile}
        placeholder={words.choose}
        value={file}
        onChange={setFile}
        accept=".pem,.crt,.cer,.der"
        clearable
      />
      <div>
        <Button type="submit" loading={trust.isPending} disabled={file === null}>
          {words.trust}
        </Button>
      </div>
      <p role="status">{trust.data && words.trusted(trust.data.certificates.length)}</p>
      {trust.isError && <ProblemBox error={trust.error} />}
    </form>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(file);
  });
}
