import swagger from "@fastify/swagger";
import { type Api, apiPrefix } from "./routing.ts";
import { Problem } from "./schemas/shared.ts";

/** An OpenAPI document as plain data. */
export type Document = Record<string, unknown> & { paths: Record<string, Record<string, Operation>> };
interface Operation {
  operationId?: string;
  responses: Record<string, unknown>;
  requestBody?: unknown;
  "x-body"?: unknown;
}

/** Collects the routes' schemas into an OpenAPI 3.1 document and serves it as openapi.json. */
export async function describeApi(api: Api, version: string): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Muniment",
        version,
        description: "Journal connectors, the archive they fill, and searching it. The console uses only this.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" } as { name: string },
      },
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "mun_live_…, made with POST /tokens" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: "muniment_session",
            description: "__Host-muniment over https",
          },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const config = route.config ?? {};
      const described = {
        ...schema,
        security: config.public === true ? [] : [{ token: [] }, { session: [] }],
        ...(config.permission === undefined ? {} : { "x-permission": config.permission }),
      };
      return { schema: described, url };
    },
    transformObject: (made) =>
      withComponents(structuredClone("openapiObject" in made ? made.openapiObject : made.swaggerObject)),
  });
  api.get(
    `${apiPrefix}/openapi.json`,
    {
      config: { public: true },
      schema: { operationId: "getOpenApi", summary: "This document", tags: ["about"] },
    },
    async () => api.swagger(),
  );
}

/** Gives every operation its problem answer, and every schema with a title its one place under components. */
function withComponents(document: object) {
  const whole = document as Document;
  for (const path of Object.values(whole.paths)) {
    for (const operation of Object.values(path)) {
      // A body that is streamed has no schema for the web server to check, and is only described.
      if (operation["x-body"] !== undefined) operation.requestBody = operation["x-body"];
      delete operation["x-body"];
      operation.responses.default = {
        description: "What went wrong (RFC 9457)",
        content: { "application/problem+json": { schema: structuredClone(Problem) } },
      };
    }
  }
  return hoistTitled(whole) as never;
}

/**
 * Moves every schema with a `title` to `components.schemas` and leaves a reference, so that it has one name for readers
 * and generators. Two different schemas must not share a title.
 */
export function hoistTitled(document: Document): Document {
  const schemas: Record<string, unknown> = {};
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== "object" || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, visit(value)]));
    const { title } = copy;
    // Only schemas: the document's own info has a title too.
    if (typeof title !== "string" || !("type" in copy || "anyOf" in copy)) return copy;
    delete copy.title;
    const before = schemas[title];
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(copy)) {
      throw new Error(`two different schemas are called ${title}`);
    }
    schemas[title] = copy;
    return { $ref: `#/components/schemas/${title}` };
  };
  const visited = visit(document) as Document & { components?: object };
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...visited, components: { ...visited.components, schemas: sorted } };
}
