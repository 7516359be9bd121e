import { Checkbox, Radio, TextInput } from "@mantine/core";
import type { Problem } from "../../api/problem.ts";
import { fieldProblem } from "../../api/problem.ts";
import type { Connector, ConnectorChanges, NewConnector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";
import {
  type Pop3Draft,
  Pop3Fields,
  pop3ChangesOf,
  pop3DraftFaults,
  pop3DraftOf,
  pop3SettingsOf,
} from "./pop3-fields.tsx";
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
  transport: Connector["transport"];
  smtp: SmtpDraft;
  pop3: Pop3Draft;
}

/** A draft for a new connector, or one that holds what a connector is. */
export function draftOf(connector?: Connector): ConnectorDraft {
  return {
    description: connector?.description ?? "",
    journalEmailAddress: connector?.journalEmailAddress ?? "",
    type: connector?.type ?? "eej",
    hasMaxAge: connector === undefined || connector.maxAgeDays !== null,
    maxAgeDays: String(connector?.maxAgeDays ?? maxAgeDaysDefault),
    transport: connector?.transport ?? "smtp",
    smtp: smtpDraftOf(connector),
    pop3: pop3DraftOf(connector),
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
    ...(draft.transport === "pop3" ? pop3DraftFaults(draft.pop3) : smtpDraftFaults(draft.smtp)),
  };
}

/** A draft as the API takes it, for a new connector. */
export function newConnectorOf(draft: ConnectorDraft): NewConnector {
  const { transport } = draft;
  return {
    ...plainSettingsOf(draft),
    transport,
    ...(transport === "pop3" ? { pop3: pop3SettingsOf(draft.pop3) } : {}),
  };
}

/** A draft as the API takes it, for a connector that is there. */
export function changesOf(draft: ConnectorDraft): ConnectorChanges {
  return { ...plainSettingsOf(draft), ...(draft.transport === "pop3" ? { pop3: pop3ChangesOf(draft.pop3) } : {}) };
}

function plainSettingsOf(draft: ConnectorDraft) {
  return {
    description: draft.description.trim(),
    journalEmailAddress: draft.journalEmailAddress.trim(),
    type: draft.type,
    maxAgeDays: draft.hasMaxAge ? Number(draft.maxAgeDays) : null,
    ...(draft.transport === "smtp" ? smtpSettingsOf(draft.smtp) : {}),
  };
}

/** The fields of a connector, for making and for editing one. */
export function ConnectorFields(props: {
  draft: ConnectorDraft;
  onChange: (draft: ConnectorDraft) => void;
  faults: ReturnType<typeof draftFaults>;
  problem: Problem | undefined;
  isReadOnly?: boolean;
  /** The transport of a connector is chosen once. */
  isNew?: boolean;
}) {
  const { draft, onChange, faults, problem, isReadOnly = false, isNew = false } = props;
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
      <Radio.Group
        label={words.transport}
        value={draft.transport}
        onChange={(transport) => onChange({ ...draft, transport: transport as Connector["transport"] })}
      >
        <div className="stack choices">
          {(["smtp", "pop3"] as const).map((transport) => (
            <Radio
              key={transport}
              value={transport}
              label={text.mailbox.transports[transport]}
              disabled={!isNew && transport !== draft.transport}
            />
          ))}
        </div>
      </Radio.Group>
      <Radio.Group
        label={words.type}
        value={draft.type}
        onChange={(type) =>
          // Plain mail is held for its age only where somebody says so.
          onChange({ ...draft, type: type as Connector["type"], hasMaxAge: type === "eej" })
        }
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
      {draft.transport === "smtp" ? (
        <SmtpFields
          draft={draft.smtp}
          onChange={(smtp) => onChange({ ...draft, smtp })}
          fault={faults.smtp}
          problem={problem}
          isReadOnly={isReadOnly}
        />
      ) : (
        <Pop3Fields
          draft={draft.pop3}
          onChange={(pop3) => onChange({ ...draft, pop3 })}
          fault={faults.pop3}
          problem={problem}
          isReadOnly={isReadOnly}
        />
      )}
    </>
  );
}
