import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { searchQuery } from "../../api/queries.ts";
import { pages } from "../../paths.ts";
import { text } from "../../text/index.ts";

/** Where a search is typed. Submitting the same search again asks the server again. */
export function QueryBar({ q }: { q: string }) {
  const [typed, setTyped] = useState(q);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = typed.trim();
    void queryClient.resetQueries({ queryKey: searchQuery(next).queryKey });
    void navigate(pages.search(next));
  };
  return (
    <search>
      <form className="query-bar" onSubmit={submit}>
        <TextInput
          type="search"
          aria-label={text.search.label}
          placeholder={text.search.placeholder}
          autoComplete="off"
          spellCheck={false}
          dir="auto"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" size="sm">
          {text.search.submit}
        </Button>
      </form>
    </search>
  );
}
