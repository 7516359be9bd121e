import { NativeSelect } from "@mantine/core";
import { text } from "../../text/index.ts";

/** How the mail in a file is to be taken. */
export interface Reading {
  type: "standard" | "eej";
  unquoted?: "mboxo" | "mboxrd";
}

/** The fields for {@link Reading}. */
export function ReadingFields({ value, onChange }: { value: Reading; onChange: (value: Reading) => void }) {
  const words = text.imports;
  const types = (["standard", "eej"] as const).map((type) => ({ value: type, label: text.journaling.types[type] }));
  const unquoted = Object.entries(words.unquotedWords).map(([word, label]) => ({ value: word, label }));
  return (
    <>
      <NativeSelect
        label={words.type}
        data={types}
        value={value.type}
        onChange={(event) => onChange({ ...value, type: event.currentTarget.value === "eej" ? "eej" : "standard" })}
      />
      <NativeSelect
        label={words.unquoted}
        data={unquoted}
        value={value.unquoted ?? "none"}
        onChange={(event) => {
          const word = event.currentTarget.value;
          onChange({ type: value.type, ...(word === "mboxo" || word === "mboxrd" ? { unquoted: word } : {}) });
        }}
      />
    </>
  );
}
