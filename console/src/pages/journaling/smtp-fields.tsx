import { Checkbox, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { fieldProblem, type Problem } from "../../api/problem.ts";
import { providersQuery } from "../../api/queries.ts";
import type { Connector, NewConnector } from "../../api.generated.ts";
import { text } from "../../text/index.ts";

/** What a person types about who may send; lists are still text. */
export interface SmtpDraft {
  permitted: string;
  presets: string[];
  requireTls: boolean;
  certificate: string;
  envelopeHeaders: string;
  subAddress: boolean;
}

/** A draft that permits everyone, or one that holds what a connector permits. */
export function smtpDraftOf(connector?: Connector): SmtpDraft {
  const { permitted = [], presets = [], requireTls = false, certificate = null } = connector?.smtp ?? {};
  return {
    permitted: permitted.join("\n"),
    presets,
    requireTls,
    certificate: certificate ?? "",
    envelopeHeaders: connector?.rules.envelopeHeaders.join(", ") ?? "",
    subAddress: connector?.rules.subAddress ?? false,
  };
}

/** What is plainly wrong; the server knows the rest. */
export function smtpDraftFaults(draft: SmtpDraft): { smtp?: string } {
  const wrong = listOf(draft.permitted).find((range) => !/^[0-9a-f.:]+(\/\d{1,3})?$/i.test(range));
  return wrong === undefined ? {} : { smtp: text.senders.badRange(wrong) };
}

/** A draft as the API takes it. */
export function smtpSettingsOf(draft: SmtpDraft): Pick<NewConnector, "smtp" | "rules"> {
  const certificate = draft.certificate.trim();
  return {
    smtp: {
      permitted: listOf(draft.permitted),
      presets: draft.presets,
      requireTls: draft.requireTls,
      certificate: certificate === "" ? null : certificate,
    },
    rules: { envelopeHeaders: listOf(draft.envelopeHeaders), subAddress: draft.subAddress },
  };
}

function listOf(typed: string): string[] {
  return typed.split(/[\s,;]+/).filter((word) => word !== "");
}

/** The fields about who may send, and about what is believed of plain copies. */
export function SmtpFields(props: {
  draft: SmtpDraft;
  onChange: (draft: SmtpDraft) => void;
  fault: string | undefined;
  problem: Problem | undefined;
  isReadOnly: boolean;
}) {
  const { draft, onChange, fault, problem, isReadOnly } = props;
  const words = text.senders;
  const change = (changes: Partial<SmtpDraft>) => onChange({ ...draft, ...changes });
  return (
    <>
      <fieldset className="group stack">
        <legend>{words.heading}</legend>
        <Textarea
          label={words.permitted}
          description={words.permittedHint}
          autosize
          minRows={2}
          readOnly={isReadOnly}
          value={draft.permitted}
          onChange={(event) => change({ permitted: event.currentTarget.value })}
          error={fault ?? fieldProblem(problem, "smtp/permitted") ?? fieldProblem(problem, "smtp")}
        />
        <Providers chosen={draft.presets} onChange={(presets) => change({ presets })} isReadOnly={isReadOnly} />
        <Checkbox
          label={words.requireTls}
          checked={draft.requireTls}
          disabled={isReadOnly}
          onChange={(event) => change({ requireTls: event.currentTarget.checked })}
        />
        <TextInput
          label={words.certificate}
          description={words.certificateHint}
          readOnly={isReadOnly}
          value={draft.certificate}
          onChange={(event) => change({ certificate: event.currentTarget.value })}
        />
      </fieldset>
      <fieldset className="group stack">
        <legend>{words.copies}</legend>
        <p className="soft">{words.copiesHint}</p>
        <Checkbox
          label={words.subAddress}
          checked={draft.subAddress}
          disabled={isReadOnly}
          onChange={(event) => change({ subAddress: event.currentTarget.checked })}
        />
        <TextInput
          label={words.envelopeHeaders}
          description={words.envelopeHeadersHint}
          readOnly={isReadOnly}
          value={draft.envelopeHeaders}
          onChange={(event) => change({ envelopeHeaders: event.currentTarget.value })}
          error={fieldProblem(problem, "rules")}
        />
      </fieldset>
    </>
  );
}

function Providers(props: { chosen: readonly string[]; onChange: (ids: string[]) => void; isReadOnly: boolean }) {
  const { chosen, onChange, isReadOnly } = props;
  const words = text.senders;
  const providers = useQuery(providersQuery);
  return (
    <div className="stack">
      <div className="field-label">{words.providers}</div>
      {providers.data?.data.map(({ id, title, ranges, asOf, source }) => (
        <div key={id}>
          <Checkbox
            label={title}
            description={words.providerHint(ranges.length, asOf)}
            checked={chosen.includes(id)}
            disabled={isReadOnly}
            onChange={(event) =>
              onChange(event.currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
          <details>
            <summary className="soft">{words.ranges}</summary>
            <p className="soft">
              {words.source}: {source}
            </p>
            <code>{ranges.join(", ")}</code>
          </details>
        </div>
      ))}
    </div>
  );
}
