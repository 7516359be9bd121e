import { Button, NativeSelect, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { type AuditFilter, pages } from "../../paths.ts";
import { text } from "../../text/index.ts";
import "./audit.css";

const names = ["who", "action", "subject", "since", "until"] as const;

/** Who, what, on what, and when; submitting puts it into the address. */
export function FilterForm({ filter }: { filter: AuditFilter }) {
  const words = text.audit;
  const navigate = useNavigate();
  const [draft, setDraft] = useState(filter);
  const field = (name: keyof AuditFilter) => ({
    value: draft[name] ?? "",
    onChange: (event: { currentTarget: { value: string } }) =>
      setDraft({ ...draft, [name]: event.currentTarget.value }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const kept = names.flatMap((name) => {
      const value = draft[name]?.trim() ?? "";
      return value === "" ? [] : [[name, value]];
    });
    void navigate(pages.audit(Object.fromEntries(kept) as AuditFilter));
  };
  const isFiltered = names.some((name) => filter[name] !== undefined);
  return (
    <search aria-label={words.filter}>
      <form className="audit-filter" onSubmit={submit}>
        <TextInput label={words.who} placeholder={words.whoHint} autoComplete="off" {...field("who")} />
        <NativeSelect
          label={words.action}
          data={[
            { value: "", label: words.anyAction },
            ...Object.entries(words.actions).map(([value, label]) => ({ value, label })),
          ]}
          {...field("action")}
        />
        <TextInput label={words.subject} placeholder={words.subjectHint} autoComplete="off" {...field("subject")} />
        <TextInput type="date" label={words.since} {...field("since")} />
        <TextInput type="date" label={words.until} {...field("until")} />
        <div className="line">
          <Button type="submit">{words.apply}</Button>
          {isFiltered && <Link {...pages.audit()}>{words.clear}</Link>}
        </div>
      </form>
    </search>
  );
}
