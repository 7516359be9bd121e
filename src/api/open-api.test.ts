import assert from "node:assert/strict";
import { test } from "node:test";
import { createKit } from "../../test/api/kit.ts";
import { hoistTitled } from "./open-api.ts";

interface Read {
  openapi: string;
  info: { version: string };
  components: { schemas: Record<string, unknown> };
  paths: Record<
    string,
    Record<
      string,
      { operationId?: string; security: object[]; "x-permission"?: string; responses: Record<string, unknown> }
    >
  >;
}

async function documentAndRoutes() {
  await using kit = await createKit();
  const response = await kit.api.inject("/api/v1/openapi.json");
  return { document: response.json() as Read, routes: kit.api.routeTable };
}

test("the document is OpenAPI 3.1 and contains every route", async () => {
  const { document, routes } = await documentAndRoutes();
  assert.match(document.openapi, /^3\.1\./);
  assert.equal(document.info.version, "1.2.3");
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = routes
    .filter(({ method }) => method !== "HEAD")
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, "{$1}")}`);
  assert.deepEqual(described.sort(), served.sort());
  assert.ok(served.length > 20);
});

test("every operation has a name of its own, its permission and a problem answer", async () => {
  const { document } = await documentAndRoutes();
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  const names = operations.map(({ operationId }) => operationId);
  assert.equal(names.includes(undefined), false);
  assert.equal(new Set(names).size, names.length);
  for (const operation of operations) {
    assert.equal(operation.security.length > 0, operation["x-permission"] !== undefined, operation.operationId);
    assert.ok("default" in operation.responses);
  }
});

test("every reference leads to a schema", async () => {
  const { document } = await documentAndRoutes();
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  const missing = [...references].map(([, name]) => name!).filter((name) => !(name in document.components.schemas));
  assert.deepEqual(missing, []);
});

test("schemas with one title become one, and two different ones with one title are a fault", () => {
  const thing = { title: "Thing", type: "object", properties: { a: { type: "string" } } };
  const document = { paths: {}, a: thing, b: { list: [thing] } };
  assert.deepEqual(hoistTitled(structuredClone(document)), {
    paths: {},
    a: { $ref: "#/components/schemas/Thing" },
    b: { list: [{ $ref: "#/components/schemas/Thing" }] },
    components: { schemas: { Thing: { type: "object", properties: { a: { type: "string" } } } } },
  });
  assert.throws(() => hoistTitled({ ...document, c: { ...thing, properties: {} } }), /two different/);
});
