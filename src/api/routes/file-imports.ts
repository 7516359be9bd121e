import type { IncomingMessage } from "node:http";
import { Failure, isFailure, MiB } from "#core/index.ts";
import type { Bytes } from "#disk/index.ts";
import type { FileReading } from "#import/index.ts";
import { boundedBody } from "../bounded-body.ts";
import { fileImportJson, fileImportListJson, fileImportReportJson } from "../file-import-json.ts";
import { identityOf, type Routes } from "../routing.ts";
import {
  FileImportList,
  FileImportReportView,
  FileImportView,
  NewPathImport,
  Upload,
} from "../schemas/file-imports.ts";
import { IdParams } from "../schemas/shared.ts";

const tags = ["imports"];
const config = { permission: "imports:write" } as const;
const mediaType = "application/octet-stream";

/** Largest uploaded file in bytes: larger than Outlook makes a PST. */
const uploadBytesMax = 64 * 1024 * MiB;

/** Imports that the server reads by itself: uploaded files, and paths in folders its operator allowed. */
export const fileImportRoutes: Routes = (api, { fileImports, audit }, streams) => {
  // The file is handed on as it comes: it is never held whole here.
  api.addContentTypeParser(mediaType, (_, payload, done) => done(null, payload));

  api.get(
    "/imports",
    {
      config,
      schema: {
        operationId: "listImports",
        summary: "Imports that the server reads by itself, and the folders it may read",
        tags,
        response: { 200: FileImportList },
      },
    },
    async (request) => fileImportListJson(fileImports, identityOf(request).tenant),
  );

  api.get(
    "/imports/:id/report",
    {
      config,
      schema: {
        operationId: "getImportReport",
        summary: "What became of an import that the server reads, source by source, and what could not be read",
        tags,
        params: IdParams,
        response: { 200: FileImportReportView },
      },
    },
    async (request) => {
      const report = fileImports.report(identityOf(request).tenant, request.params.id);
      if (report === undefined)
        throw new Failure("IMPORT-UNKNOWN", "never", "there is no such import, or it was too long ago", {
          effect: "no mail is lost: what was taken stays taken",
        });
      return fileImportReportJson(report);
    },
  );

  api.post(
    "/imports/paths",
    {
      config,
      schema: {
        operationId: "importPath",
        summary: "Import what lies at a path of the server; answered when it is begun",
        tags,
        body: NewPathImport,
        response: { 202: FileImportView },
      },
    },
    async (request, reply) => {
      const { path } = request.body;
      const how = readingOf(request.body);
      const begun = await fileImports.readPath(identityOf(request).tenant, path, how, (id, real) =>
        audit.note(identityOf(request), "import.begin", [id], `path ${real}, as ${how.type}`),
      );
      return reply.code(202).send(fileImportJson(begun));
    },
  );

  api.post(
    "/imports/uploads",
    {
      config,
      bodyLimit: uploadBytesMax,
      schema: {
        operationId: "importUpload",
        summary: "Upload a file and import it; answered when it is whole, before it is read",
        tags,
        querystring: Upload,
        response: { 202: FileImportView },
        "x-body": { required: true, content: { [mediaType]: { schema: { type: "string", format: "binary" } } } },
      },
    },
    async (request, reply) => {
      const how = readingOf(request.query);
      const length = request.headers["content-length"];
      const payload = request.body as IncomingMessage | null | undefined;
      if (typeof payload !== "object" || payload === null || !(Symbol.asyncIterator in payload))
        throw new Failure("REQUEST-MEDIA-TYPE", "never", `send the file as ${mediaType}`);
      const body = boundedBody(whole(payload), uploadBytesMax, length, "file");
      // A server that closes waits for no upload.
      const signal = streams.open(reply);
      const cut = () => payload.destroy();
      signal.addEventListener("abort", cut);
      if (signal.aborted) cut();
      try {
        const file = { name: request.query.name, body, announced: length === undefined ? null : Number(length) };
        const begun = await fileImports.readUpload(identityOf(request).tenant, file, how, (id, name) =>
          audit.note(identityOf(request), "import.begin", [id], `upload of ${name}, as ${how.type}`),
        );
        return reply.code(202).send(fileImportJson(begun));
      } finally {
        signal.removeEventListener("abort", cut);
      }
    },
  );
};

function readingOf({ type, unquoted }: { type: "standard" | "eej"; unquoted?: "mboxo" | "mboxrd" }): FileReading {
  return { type, unquoting: unquoted ?? null };
}

async function* whole(body: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure("IMPORT-CUT", "later", "the upload of the file broke off", {
      effect: "nothing of it was imported; upload it again",
      cause: error,
    });
  }
}
