import type { FastifyRequest } from "fastify";
import { Failure, MiB, messageBytesMax, type Origin } from "#core/index.ts";
import { boundedBody } from "../bounded-body.ts";
import { identityOf, type Routes } from "../routing.ts";
import { IdParams } from "../schemas/shared.ts";
import { ImportOffer, ImportOutcome, ImportRun, ImportSources, ImportStarted } from "../schemas/work.ts";

const tags = ["imports"];
const mediaTypes = ["message/rfc822", "application/octet-stream"];
const mailBody = { schema: { type: "string", format: "binary" } };

/** Largest body of an import in bytes: the largest message, and room for a report around it. */
export const importBytesMax = messageBytesMax + MiB;

/** Bringing in mail from files, one message a request. */
export const importRoutes: Routes = (api, { archive, audit }) => {
  // The body is handed on as it comes: a message is never held whole here.
  api.addContentTypeParser(mediaTypes, (_, payload, done) => done(null, payload));

  api.post(
    "/imports",
    {
      config: { permission: "imports:write" },
      schema: { operationId: "createImport", summary: "Begin an import", tags, response: { 201: ImportStarted } },
    },
    async (request, reply) => {
      const id = archive.beginImport(identityOf(request).tenant);
      await audit.note(identityOf(request), "import.begin", [id]);
      return reply.code(201).send({ id });
    },
  );

  api.post(
    "/imports/:id/messages",
    {
      config: { permission: "imports:write" },
      bodyLimit: importBytesMax,
      schema: {
        operationId: "offerImportMessage",
        summary: "Offer one message; answered when it is durable",
        tags,
        params: IdParams,
        querystring: ImportOffer,
        response: { 202: ImportOutcome },
        "x-body": { required: true, content: Object.fromEntries(mediaTypes.map((type) => [type, mailBody])) },
      },
    },
    async (request, reply) => {
      const { tenant } = identityOf(request);
      if (archive.importRun(tenant, request.params.id) === undefined) throw unknownImport();
      const body = boundedBody(streamOf(request), importBytesMax, request.headers["content-length"]);
      const { sourceKey, label, type } = request.query;
      const item = { body, sourceKey, label, type, origin: originOf(request.query) };
      const { state } = await archive.offerImport(tenant, request.params.id, item);
      return reply.code(202).send({ state });
    },
  );

  api.get(
    "/imports/:id",
    {
      config: { permission: "imports:write" },
      schema: {
        operationId: "getImport",
        summary: "How far an import is",
        tags,
        params: IdParams,
        response: { 200: ImportRun },
      },
    },
    async (request) => {
      const run = archive.importRun(identityOf(request).tenant, request.params.id);
      if (run === undefined) throw unknownImport();
      return run;
    },
  );

  api.get(
    "/imports/:id/sources",
    {
      config: { permission: "imports:write" },
      schema: {
        operationId: "getImportSources",
        summary: "What became of an import, by the files and folders that the messages came from",
        tags,
        params: IdParams,
        response: { 200: ImportSources },
      },
    },
    async (request) => {
      const data = archive.importSources(identityOf(request).tenant, request.params.id);
      if (data === undefined) throw unknownImport();
      return { data };
    },
  );
};

function originOf({ source, folder, owner, unquoted }: ImportOffer): Origin | null {
  if (source === undefined) return null;
  return { source, folder: folder ?? null, owner: owner ?? null, ...(unquoted === undefined ? {} : { unquoted }) };
}

function streamOf(request: FastifyRequest): AsyncIterable<Uint8Array> {
  const { body } = request;
  if (typeof body === "object" && body !== null && Symbol.asyncIterator in body)
    return body as AsyncIterable<Uint8Array>;
  throw new Failure("REQUEST-MEDIA-TYPE", "never", `send the message as ${mediaTypes.join(" or ")}`);
}

function unknownImport(): Failure {
  return new Failure("IMPORT-UNKNOWN", "never", "there is no such import; begin it anew, what was taken stays taken", {
    effect: "no mail is lost: repeating an import adds nothing twice",
  });
}
