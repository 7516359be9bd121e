import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import type { Connector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";

/** What a person types about a login by access token. The secrets are never there to be held. */
export interface OAuthDraft {
  grant: "client-credentials" | "refresh-token";
  tokenEndpoint: string;
  clientId: string;
  scope: string;
  clientSecret: string;
  refreshToken: string;
  /** Whether there are secrets already, which empty fields leave as they are. */
  hasSecrets: boolean;
}

/** A draft for a new login, or one that holds what a connector has. */
export function oauthDraftOf(connector?: Connector): OAuthDraft {
  const oauth = connector?.pop3?.oauth ?? null;
  return {
    grant: oauth?.grant ?? "client-credentials",
    tokenEndpoint: oauth?.tokenEndpoint ?? "",
    clientId: oauth?.clientId ?? "",
    scope: oauth?.scope ?? "",
    clientSecret: "",
    refreshToken: "",
    hasSecrets: oauth !== null,
  };
}

/** What is plainly wrong, in words; null when nothing is. */
export function oauthDraftFault(draft: OAuthDraft): string | null {
  const words = text.mailbox;
  if (!/^https:\/\/\S+$/.test(draft.tokenEndpoint.trim())) return words.badEndpoint;
  if (draft.clientId.trim() === "") return words.required(words.clientId);
  if (draft.hasSecrets && draft.clientSecret === "" && draft.refreshToken === "") return null;
  if (draft.grant === "client-credentials" && draft.clientSecret === "") return words.required(words.clientSecret);
  if (draft.grant === "refresh-token" && draft.refreshToken === "") return words.required(words.refreshToken);
  return null;
}

/** A draft as the API takes it: empty secrets stay as they are, and an empty scope is left to the server. */
export function oauthChangesOf(draft: OAuthDraft) {
  const { grant, clientSecret, refreshToken } = draft;
  const scope = draft.scope.trim();
  return {
    grant,
    tokenEndpoint: draft.tokenEndpoint.trim(),
    clientId: draft.clientId.trim(),
    ...(scope === "" ? {} : { scope }),
    ...(clientSecret === "" ? {} : { clientSecret }),
    ...(refreshToken === "" || grant !== "refresh-token" ? {} : { refreshToken }),
  };
}

/** The fields about a login by access token. */
export function OAuthFields(props: { draft: OAuthDraft; onChange: (draft: OAuthDraft) => void; isReadOnly: boolean }) {
  const { draft, onChange, isReadOnly } = props;
  const words = text.mailbox;
  const change = (changes: Partial<OAuthDraft>) => onChange({ ...draft, ...changes });
  return (
    <>
      <TextInput
        label={words.tokenEndpoint}
        description={words.tokenEndpointHint}
        required
        maxLength={500}
        readOnly={isReadOnly}
        value={draft.tokenEndpoint}
        onChange={(event) => change({ tokenEndpoint: event.currentTarget.value })}
      />
      <NativeSelect
        label={words.grant}
        disabled={isReadOnly}
        value={draft.grant}
        onChange={(event) => change({ grant: event.currentTarget.value as OAuthDraft["grant"] })}
        data={(["client-credentials", "refresh-token"] as const).map((value) => ({
          value,
          label: words.grantWords[value],
        }))}
      />
      <TextInput
        label={words.clientId}
        required
        autoComplete="off"
        maxLength={500}
        readOnly={isReadOnly}
        value={draft.clientId}
        onChange={(event) => change({ clientId: event.currentTarget.value })}
      />
      <TextInput
        label={words.scope}
        description={words.scopeHint}
        maxLength={500}
        readOnly={isReadOnly}
        value={draft.scope}
        onChange={(event) => change({ scope: event.currentTarget.value })}
      />
      {!isReadOnly && (
        <PasswordInput
          label={words.clientSecret}
          description={draft.hasSecrets ? words.secretsKept : words.passwordHint}
          required={!draft.hasSecrets && draft.grant === "client-credentials"}
          autoComplete="new-password"
          maxLength={8000}
          value={draft.clientSecret}
          onChange={(event) => change({ clientSecret: event.currentTarget.value })}
        />
      )}
      {!isReadOnly && draft.grant === "refresh-token" && (
        <PasswordInput
          label={words.refreshToken}
          description={draft.hasSecrets ? words.secretsKept : words.passwordHint}
          required={!draft.hasSecrets}
          autoComplete="new-password"
          maxLength={8000}
          value={draft.refreshToken}
          onChange={(event) => change({ refreshToken: event.currentTarget.value })}
        />
      )}
    </>
  );
}
