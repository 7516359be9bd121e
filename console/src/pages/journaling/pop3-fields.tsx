import { NativeSelect, PasswordInput, Radio, TextInput } from "@mantine/core";
import { fieldProblem, type Problem } from "../../api/problem.ts";
import type { Connector, NewConnector } from "../../api.generated.ts";
import { Notice } from "../../parts/notice.tsx";
import { text } from "../../text/index.ts";
import { type OAuthDraft, OAuthFields, oauthChangesOf, oauthDraftFault, oauthDraftOf } from "./oauth-fields.tsx";

/** What a person types about a mailbox; numbers are still text. */
export interface Pop3Draft {
  host: string;
  port: string;
  tls: "implicit" | "starttls" | "none";
  verify: "strict" | "pinned" | "relaxed";
  fingerprint: string;
  user: string;
  auth: "password" | "oauth";
  password: string;
  oauth: OAuthDraft;
  interval: string;
  keep: "delete" | "days" | "forever";
  keepDays: string;
  /** Whether there is a password already, which an empty field leaves as it is. */
  hasPassword: boolean;
}

/** Seconds between two sessions of a new connector. */
const intervalDefault = 60;
/** Days on the server when somebody begins to say them. */
const keepDaysDefault = 7;

/** A draft for a new mailbox, or one that holds what a connector has. The password is never there to be held. */
export function pop3DraftOf(connector?: Connector): Pop3Draft {
  const pop3 = connector?.pop3 ?? null;
  const verify = pop3?.verify ?? "strict";
  const isPinned = verify !== "strict" && verify !== "relaxed";
  const keepDays = pop3 === null ? 0 : pop3.keepDays;
  return {
    host: pop3?.host ?? "",
    port: pop3 === null ? "" : String(pop3.port),
    tls: pop3?.tls ?? "implicit",
    verify: isPinned ? "pinned" : verify,
    fingerprint: isPinned ? verify : "",
    user: pop3?.user ?? "",
    auth: pop3 === null || pop3.oauth === null ? "password" : "oauth",
    password: "",
    oauth: oauthDraftOf(connector),
    interval: String(pop3?.intervalSeconds ?? intervalDefault),
    keep: keepDays === null ? "forever" : keepDays === 0 ? "delete" : "days",
    keepDays: String(keepDays || keepDaysDefault),
    hasPassword: pop3 !== null && pop3.oauth === null,
  };
}

/** What is plainly wrong; the server knows the rest. */
export function pop3DraftFaults(draft: Pop3Draft): { pop3?: string } {
  const words = text.mailbox;
  if (draft.host.trim() === "") return { pop3: words.required(words.host) };
  if (draft.user.trim() === "") return { pop3: words.required(words.user) };
  const oauthFault = draft.auth === "oauth" ? oauthDraftFault(draft.oauth) : null;
  if (oauthFault !== null) return { pop3: oauthFault };
  if (draft.auth === "password" && draft.password === "" && !draft.hasPassword)
    return { pop3: words.required(words.password) };
  if (!/^\d{0,5}$/.test(draft.port.trim())) return { pop3: words.badNumber(words.port) };
  if (!/^\d{1,5}$/.test(draft.interval.trim())) return { pop3: words.badNumber(words.interval) };
  if (draft.keep === "days" && !/^[1-9]\d{0,3}$/.test(draft.keepDays.trim()))
    return { pop3: words.badNumber(words.keepDays) };
  if (draft.verify === "pinned" && !/^(?:[0-9a-f]{2}:?){32}$/i.test(draft.fingerprint.trim()))
    return { pop3: words.badFingerprint };
  return {};
}

/** A draft as the API takes it, for a new connector. */
export function pop3SettingsOf(draft: Pop3Draft): NonNullable<NewConnector["pop3"]> {
  return pop3ChangesOf(draft);
}

/** A draft as the API takes it, for one that is there: an empty password leaves it as it is. */
export function pop3ChangesOf(draft: Pop3Draft) {
  const port = draft.port.trim();
  return {
    host: draft.host.trim(),
    user: draft.user.trim(),
    ...(port === "" ? {} : { port: Number(port) }),
    tls: draft.tls,
    verify: draft.verify === "pinned" ? draft.fingerprint.trim() : draft.verify,
    ...(draft.auth === "oauth"
      ? { oauth: oauthChangesOf(draft.oauth) }
      : {
          ...(draft.oauth.hasSecrets ? { oauth: null } : {}),
          ...(draft.password === "" ? {} : { password: draft.password }),
        }),
    intervalSeconds: Number(draft.interval),
    keepDays: draft.keep === "forever" ? null : draft.keep === "delete" ? 0 : Number(draft.keepDays),
  };
}

/** The fields about a mailbox. */
export function Pop3Fields(props: {
  draft: Pop3Draft;
  onChange: (draft: Pop3Draft) => void;
  fault: string | undefined;
  problem: Problem | undefined;
  isReadOnly: boolean;
}) {
  const { draft, onChange, fault, problem, isReadOnly } = props;
  const words = text.mailbox;
  const change = (changes: Partial<Pop3Draft>) => onChange({ ...draft, ...changes });
  const wrong = fault ?? fieldProblem(problem, "pop3");
  const readOnly = isReadOnly;
  return (
    <fieldset className="group stack">
      <legend>{words.heading}</legend>
      {wrong !== undefined && <Notice tone="bad" title={wrong} />}
      <TextInput
        label={words.host}
        required
        maxLength={255}
        readOnly={readOnly}
        value={draft.host}
        onChange={(event) => change({ host: event.currentTarget.value })}
      />
      <NativeSelect
        label={words.tls}
        disabled={isReadOnly}
        value={draft.tls}
        onChange={(event) => change({ tls: event.currentTarget.value as Pop3Draft["tls"] })}
        data={(["implicit", "starttls", "none"] as const).map((value) => ({ value, label: words.tlsWords[value] }))}
      />
      <TextInput
        label={words.port}
        description={words.portHint}
        inputMode="numeric"
        maw={240}
        readOnly={readOnly}
        value={draft.port}
        onChange={(event) => change({ port: event.currentTarget.value })}
      />
      {draft.tls !== "none" && (
        <NativeSelect
          label={words.verify}
          disabled={isReadOnly}
          value={draft.verify}
          onChange={(event) => change({ verify: event.currentTarget.value as Pop3Draft["verify"] })}
          data={(["strict", "pinned", "relaxed"] as const).map((value) => ({
            value,
            label: words.verifyWords[value],
          }))}
        />
      )}
      {draft.tls !== "none" && draft.verify === "pinned" && (
        <TextInput
          label={words.fingerprint}
          readOnly={readOnly}
          value={draft.fingerprint}
          onChange={(event) => change({ fingerprint: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={words.user}
        required
        autoComplete="off"
        maxLength={200}
        readOnly={readOnly}
        value={draft.user}
        onChange={(event) => change({ user: event.currentTarget.value })}
      />
      <NativeSelect
        label={words.auth}
        disabled={isReadOnly}
        value={draft.auth}
        onChange={(event) => change({ auth: event.currentTarget.value as Pop3Draft["auth"] })}
        data={(["password", "oauth"] as const).map((value) => ({ value, label: words.authWords[value] }))}
      />
      {draft.auth === "oauth" && (
        <OAuthFields draft={draft.oauth} onChange={(oauth) => change({ oauth })} isReadOnly={isReadOnly} />
      )}
      {!isReadOnly && draft.auth === "password" && (
        <PasswordInput
          label={words.password}
          description={draft.hasPassword ? words.passwordKept : words.passwordHint}
          required={!draft.hasPassword}
          autoComplete="new-password"
          maxLength={200}
          value={draft.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
        />
      )}
      <TextInput
        label={words.interval}
        inputMode="numeric"
        maw={240}
        readOnly={readOnly}
        value={draft.interval}
        onChange={(event) => change({ interval: event.currentTarget.value })}
      />
      <Radio.Group
        label={words.keep}
        value={draft.keep}
        onChange={(keep) => change({ keep: keep as Pop3Draft["keep"] })}
        readOnly={isReadOnly}
      >
        <div className="stack choices">
          {(["delete", "days", "forever"] as const).map((keep) => (
            <Radio key={keep} value={keep} label={words.keepWords[keep]} disabled={isReadOnly} />
          ))}
        </div>
      </Radio.Group>
      {draft.keep === "days" && (
        <TextInput
          label={words.keepDays}
          inputMode="numeric"
          maw={240}
          readOnly={readOnly}
          value={draft.keepDays}
          onChange={(event) => change({ keepDays: event.currentTarget.value })}
        />
      )}
    </fieldset>
  );
}
