import { Button, FileInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, type FormEvent, useState } from "react";
import { importsQuery } from "../../api/queries.ts";
import { importUpload } from "../../api.generated.ts";
import { ProblemBox } from "../../parts/problem-box.tsx";
import { text } from "../../text/index.ts";
import { type Reading, ReadingFields } from "./reading-fields.tsx";

/** Uploads files one after the other, each as it lies on the disk: the browser reads it while it sends it. */
export function UploadForm() {
  const words = text.imports;
  const queryClient = useQueryClient();
  const [files, setFiles] = useState<File[]>([]);
  const [reading, setReading] = useState<Reading>({ type: "standard" });
  const [place, setPlace] = useState(0);
  const upload = useMutation({
    mutationFn: async (chosen: File[]) => {
      for (const [at, file] of chosen.entries()) {
        setPlace(at);
        await importUpload({ name: file.name, ...reading, body: file });
      }
      return chosen.length;
    },
    onSuccess: () => setFiles([]),
    onSettled: () => queryClient.invalidateQueries({ queryKey: importsQuery.queryKey, exact: true }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (files.length > 0 && !upload.isPending) upload.mutate(files);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    if (!upload.isPending) setFiles([...event.dataTransfer.files]);
  };
  const current = files[place]?.name ?? "";
  return (
    <form className="stack" aria-labelledby="upload-files" onSubmit={submit}>
      <h2 id="upload-files">{words.uploadHeading}</h2>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the same can be done by the field inside. */}
      <div className="drop-files" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <FileInput label={words.files} description={words.drop} multiple value={files} onChange={setFiles} clearable />
      </div>
      <ReadingFields value={reading} onChange={setReading} />
      <div>
        <Button type="submit" loading={upload.isPending} disabled={files.length === 0}>
          {words.upload}
        </Button>
      </div>
      <p role="status" className="anywhere">
        {upload.isPending && words.uploading(current, place + 1, files.length)}
        {upload.isSuccess && words.uploaded(upload.data)}
        {upload.isError && words.notUploaded(current)}
      </p>
      {upload.isError && <ProblemBox error={upload.error} />}
    </form>
  );
}
