import assert from "node:assert/strict";
import { test } from "node:test";
import { clientSource } from "./client-source.ts";

const thing = { $ref: "#/components/schemas/Thing" };
const answer = (schema: object, type = "application/json") => ({
  200: { content: { [type]: { schema } } },
  default: {},
});

function sourceOf(operation: object, path = "/things", method = "get"): string {
  const schemas = { Thing: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } };
  return clientSource({
    components: { schemas },
    paths: { [path]: { [method]: { operationId: "act", ...operation } } },
  });
}

/** Schema, and the type it becomes. */
const types: [object, string][] = [
  [thing, "Thing"],
  [{ type: "array", items: thing }, "Thing[]"],
  [{ type: "array", items: { anyOf: [thing, { type: "null" }] } }, "Array<Thing | null>"],
  [{ type: "string", enum: ["a", "b"] }, '"a" | "b"'],
  [{ const: "a", type: "string" }, '"a"'],
  [{ anyOf: [{ type: "integer" }, { type: "null" }] }, "number | null"],
  [{ type: "object" }, "Record<string, unknown>"],
  [{}, "unknown"],
];
for (const [schema, type] of types) {
  test(`${JSON.stringify(schema)} is ${type}`, () => {
    assert.ok(
      sourceOf({ responses: answer(schema) }).includes(`export function act(signal?: AbortSignal): Promise<${type}> {`),
    );
  });
}

test("a named schema is a type with its optional fields and its words", () => {
  const schemas = {
    Thing: {
      type: "object",
      description: "A thing */",
      properties: { a: { type: "string", description: "its a" }, "b-c": { type: "number" } },
      required: ["a"],
    },
  };
  const source = clientSource({ components: { schemas }, paths: {} });
  assert.ok(
    source.includes('/** A thing * / */\nexport type Thing = {\n  /** its a */\n  a: string;\n  "b-c"?: number;\n};\n'),
  );
});

test("path, query, header and body are one argument", () => {
  const source = sourceOf(
    {
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "string" } },
        { name: "limit", in: "query", schema: { type: "integer" } },
        { name: "if-match", in: "header", schema: { type: "string" } },
      ],
      requestBody: { content: { "application/json": { schema: thing } } },
      responses: answer(thing),
    },
    "/things/{id}",
    "patch",
  );
  assert.ok(source.includes("  id: string;\n  limit?: number;\n  ifMatch?: string;\n  body: Thing;\n}"));
  assert.ok(
    source.includes(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source that has the template
      'send<Thing>("PATCH", `/things/${encodeURIComponent(request.id)}${queryText({ limit: request.limit })}`, ' +
        '{ headers: { "if-match": request.ifMatch }, body: request.body, signal });',
    ),
  );
});

test("a request that may be empty may be left out", () => {
  const parameters = [{ name: "q", in: "query", schema: { type: "string" } }];
  assert.ok(sourceOf({ parameters, responses: answer(thing) }).includes("} = {}, signal?: AbortSignal)"));
});

test("lines are an iterable, bytes and events an address, and no content is void", () => {
  assert.ok(
    sourceOf({ responses: answer(thing, "application/x-ndjson") }).includes(
      "act(signal?: AbortSignal): AsyncGenerator<Thing>",
    ),
  );
  assert.ok(sourceOf({ responses: answer({}, "message/rfc822") }).includes("export function actUrl(): string"));
  assert.ok(sourceOf({ responses: answer({}, "text/event-stream") }).includes("export function actUrl(): string"));
  assert.ok(sourceOf({ responses: { 204: {}, default: {} } }).includes("): Promise<void>"));
});

test("an operation without a name is a fault", () => {
  assert.throws(() => sourceOf({ operationId: undefined, responses: {} }), /no operationId/);
});
