import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { importsQuery } from "../../api/queries.ts";
import { importPath } from "../../api.generated.ts";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { text } from "../../text/index.ts";
import { type Reading, ReadingFields } from "./reading-fields.tsx";

/** Imports what lies in a folder that the server's operator allowed; without one it says how one is. */
export function PathForm({ folders }: { folders: string[] }) {
  const words = text.imports;
  const queryClient = useQueryClient();
  const [path, setPath] = useState(folders[0] ?? "");
  const [reading, setReading] = useState<Reading>({ type: "standard" });
  const begin = useMutation({
    mutationFn: () => importPath({ body: { path, ...reading } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: importsQuery.queryKey, exact: true }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path !== "") begin.mutate();
  };
  if (folders.length === 0)
    return (
      <section className="stack" aria-labelledby="import-path">
        <h2 id="import-path">{words.pathHeading}</h2>
        <p>{words.noFolders}</p>
        <p>{words.noFoldersTodo}</p>
        <code className="anywhere">{words.noFoldersCommand}</code>
      </section>
    );
  return (
    <form className="stack" aria-labelledby="import-path" onSubmit={submit}>
      <h2 id="import-path">{words.pathHeading}</h2>
      <p>{words.folders}</p>
      <ul>
        {folders.map((folder) => (
          <li key={folder} className="mono anywhere">
            {folder}
          </li>
        ))}
      </ul>
      <TextInput
        label={words.path}
        description={words.pathHint}
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
      />
      <ReadingFields value={reading} onChange={setReading} />
      <div>
        <Button type="submit" loading={begin.isPending} disabled={path === ""}>
          {words.importPath}
        </Button>
      </div>
      <p role="status">{begin.isSuccess && words.begun}</p>
      {begin.isError && <ProblemBox error={begin.error} />}
    </form>
  );
}
