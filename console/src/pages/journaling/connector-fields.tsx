import { Checkbox, Radio, TextInput } from "@mantine/core";
import type { Problem } from "../../api/problem.ts";
import { fieldProblem } from "../../api/problem.ts";
import type { Connector, NewConnector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";
import { type SmtpDraft, SmtpFields, smtpDraftFaults, smtpDraftOf, smtpSettingsOf } from "./smtp-fields.tsx";

/** Age limit of a new connector in days: the guide's rule. */
const maxAgeDaysDefault = 30;

/** What a person types; numbers are still text. */
export interface ConnectorDraft {
  description: string;
  journalEmailAddress: string;
  type: Connector["type"];
  hasMaxAge: boolean;
  maxAgeDays: string;
  smtp: SmtpDraft;
}

/** A draft for a new connector, or one that holds what a connector is. */
export function draftOf(connector?: Connector): ConnectorDraft {
  return {
    description: connector?.description ?? "",
    journalEmailAddress: connector?.journalEmailAddress ?? "",
    type: connector?.type ?? "eej",
    hasMaxAge: connector === undefined || connector.maxAgeDays !== null,
    maxAgeDays: String(connector?.maxAgeDays ?? maxAgeDaysDefault),
    smtp: smtpDraftOf(connector),
  };
}

/** What is wrong with a draft, by field; an empty object when it can be sent. */
export function draftFaults(draft: ConnectorDraft): Partial<Record<keyof ConnectorDraft, string>> {
  const words = text.connector;
  const address = draft.journalEmailAddress.trim();
  return {
    ...(draft.description.trim() === "" && { description: words.requiredDescription }),
    ...(address === ""
      ? { journalEmailAddress: words.requiredAddress }
      : !/^[^\s@]+@[^\s@]+$/.test(address) && { journalEmailAddress: words.badAddress }),
    ...(draft.hasMaxAge && !/^[1-9]\d{0,4}$/.test(draft.maxAgeDays.trim()) && { maxAgeDays: words.badDays }),
    ...smtpDraftFaults(draft.smtp),
  };
}

/** A draft as the API takes it. */
export function settingsOf(draft: ConnectorDraft): Omit<NewConnector, "transport"> & { maxAgeDays: number | null } {
  return {
    description: draft.description.trim(),
    journalEmailAddress: draft.journalEmailAddress.trim(),
    type: draft.type,
    maxAgeDays: draft.hasMaxAge ? Number(draft.maxAgeDays) : null,
    ...smtpSettingsOf(draft.smtp),
  };
}

/** The fields of a connector, for making and for editing one. */
export function ConnectorFields(props: {
  draft: ConnectorDraft;
  onChange: (draft: ConnectorDraft) => void;
  faults: ReturnType<typeof draftFaults>;
  problem: Problem | undefined;
  isReadOnly?: boolean;
}) {
  const { draft, onChange, faults, problem, isReadOnly = false } = props;
  const words = text.connector;
  return (
    <>
      <TextInput
        label={words.description}
        description={words.descriptionHint}
        required
        maxLength={120}
        readOnly={isReadOnly}
        value={draft.description}
        onChange={(event) => onChange({ ...draft, description: event.currentTarget.value })}
        error={faults.description ?? fieldProblem(problem, "description")}
      />
      <TextInput
        label={words.address}
        description={words.addressHint}
        type="email"
        required
        maxLength={254}
        readOnly={isReadOnly}
        value={draft.journalEmailAddress}
        onChange={(event) => onChange({ ...draft, journalEmailAddress: event.currentTarget.value })}
        error={faults.journalEmailAddress ?? fieldProblem(problem, "journalEmailAddress")}
      />
      <div>
        <div className="field-label">{words.transport}</div>
        <p className="soft">{words.transportSmtp}</p>
      </div>
      <Radio.Group
        label={words.type}
        value={draft.type}
        onChange={(type) => onChange({ ...draft, type: type as Connector["type"] })}
        error={fieldProblem(problem, "type")}
        readOnly={isReadOnly}
      >
        <div className="stack choices">
          {(["eej", "standard"] as const).map((type) => (
            <Radio
              key={type}
              value={type}
              label={text.journaling.types[type]}
              description={text.journaling.typeHelp[type]}
              disabled={isReadOnly}
            />
          ))}
        </div>
      </Radio.Group>
      <Checkbox
        label={words.maxAge}
        description={words.maxAgeHint}
        checked={draft.hasMaxAge}
        disabled={isReadOnly}
        onChange={(event) => onChange({ ...draft, hasMaxAge: event.currentTarget.checked })}
      />
      {draft.hasMaxAge && (
        <TextInput
          label={words.maxAgeDays}
          inputMode="numeric"
          maw={240}
          readOnly={isReadOnly}
          value={draft.maxAgeDays}
          onChange={(event) => onChange({ ...draft, maxAgeDays: event.currentTarget.value })}
          error={faults.maxAgeDays ?? fieldProblem(problem, "maxAgeDays")}
        />
      )}
      <SmtpFields
        draft={draft.smtp}
        onChange={(smtp) => onChange({ ...draft, smtp })}
        fault={faults.smtp}
        problem={problem}
        isReadOnly={isReadOnly}
      />
    </>
  );
}
