/** A JSON Schema as it occurs in our OpenAPI document. */
interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  format?: string;
}
interface Media {
  schema?: Schema;
}
interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
  description?: string;
}
interface Operation {
  operationId?: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
}

const methods = ["get", "post", "patch", "put", "delete"];

/**
 * TypeScript for a client of the API: a type for each schema with a name, a function for each operation.
 *
 * JSON answers become promises that reject with `ApiProblem`; JSON lines become async iterables; bytes and event streams
 * become functions that give the address, for links and EventSource.
 * @param document an OpenAPI 3.1 document whose operations all have an operationId
 */
export function clientSource(document: object): string {
  const { components, paths } = document as {
    components: { schemas: Record<string, Schema> };
    paths: Record<string, Record<string, Operation>>;
  };
  const types = Object.entries(components.schemas).map(([name, schema]) => {
    return `${comment(schema.description, "")}export type ${name} = ${typeText(schema, "")};\n`;
  });
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [{ id: operation.operationId ?? "", text: operationText(path, method, operation) }];
    }),
  );
  const nameless = operations.filter(({ id }) => id === "").length;
  if (nameless > 0) throw new Error(`${nameless} operations have no operationId`);
  const functions = operations.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ text }) => text);
  return [head, ...types, transport, ...functions].join("\n");
}

function operationText(path: string, method: string, operation: Operation): string {
  const { operationId: name = "", summary } = operation;
  const parameters = operation.parameters ?? [];
  const body = requestBodyType(operation);
  const fields = [...parameters.map(fieldText), ...(body === null ? [] : [`  body: ${body};`])];
  const isOptional = body === null && parameters.every(({ required }) => required !== true);
  const argument = fields.length === 0 ? "" : `request: {\n${fields.join("\n")}\n}${isOptional ? " = {}" : ""}`;
  const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name);
  const headers = parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
  const address = addressText(path, query);
  const [kind, answer] = answerOf(operation);
  const doc = `/** ${summary ?? name}. */\n`;
  if (kind === "address") return `${doc}export function ${name}Url(${argument}): string {\n  return ${address};\n}\n`;
  const options = [
    headers.length > 0
      ? `headers: { ${headers.map((header) => `${quoted(header)}: request.${fieldName(header)}`).join(", ")} }`
      : "",
    body === null ? "" : "body: request.body",
    "signal",
  ].filter((part) => part !== "");
  const args = [argument, "signal?: AbortSignal"].filter((part) => part !== "").join(", ");
  const call = `("${method.toUpperCase()}", ${address}, { ${options.join(", ")} })`;
  const result = kind === "lines" ? `AsyncGenerator<${answer}>` : `Promise<${answer}>`;
  const sender = kind === "lines" ? "sendForLines" : "send";
  return `${doc}export function ${name}(${args}): ${result} {\n  return ${sender}<${answer}>${call};\n}\n`;
}

/** How the answer comes, and its type. */
function answerOf(operation: Operation): ["json" | "lines" | "address", string] {
  const [status, success] = Object.entries(operation.responses).find(([code]) => code.startsWith("2")) ?? [];
  const [mediaType, media] = Object.entries(success?.content ?? {})[0] ?? [];
  if (media === undefined) return ["json", status === "204" ? "void" : "unknown"];
  if (mediaType === "application/x-ndjson") return ["lines", typeText(media.schema ?? {}, "")];
  if (mediaType === "application/json") return ["json", typeText(media.schema ?? {}, "")];
  return ["address", "string"];
}

function requestBodyType(operation: Operation): string | null {
  const content = operation.requestBody?.content;
  if (content === undefined) return null;
  const json = content["application/json"];
  return json === undefined ? "Blob | ArrayBuffer" : typeText(json.schema ?? {}, "  ");
}

function fieldText({ name, required, schema, description }: Parameter): string {
  return `${comment(description, "  ")}  ${fieldName(name)}${required ? "" : "?"}: ${typeText(schema, "  ")};`;
}

function addressText(path: string, query: string[]): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(request.${name})}`);
  const names = query.map((name) => `${name}: request.${name}`).join(", ");
  return query.length === 0 ? `\`${filled}\`` : `\`${filled}\${queryText({ ${names} })}\``;
}

function typeText(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return schema.$ref.split("/").at(-1) ?? "unknown";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf !== undefined) return schema.anyOf.map((part) => typeText(part, indent)).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
    case "null":
      return schema.type;
    case "array": {
      const item = typeText(schema.items ?? {}, indent);
      return /^[\w.]+$/.test(item) ? `${item}[]` : `Array<${item}>`;
    }
    case "object": {
      const inner = `${indent}  `;
      const required = new Set(schema.required);
      const lines = Object.entries(schema.properties ?? {}).map(([name, property]) => {
        const optional = required.has(name) ? "" : "?";
        return `${comment(property.description, inner)}${inner}${propertyName(name)}${optional}: ${typeText(property, inner)};`;
      });
      return lines.length === 0 ? "Record<string, unknown>" : `{\n${lines.join("\n")}\n${indent}}`;
    }
    default:
      return "unknown";
  }
}

function comment(text: string | undefined, indent: string): string {
  return text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "* /")} */\n`;
}

function propertyName(name: string): string {
  return /^\w+$/.test(name) ? name : quoted(name);
}

/** A header's name as a field of the request: `if-match` is `ifMatch`. */
function fieldName(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

const head = `// Written by scripts/client.ts from the OpenAPI document. Change the schemas in src/api/schemas instead.
`;

const transport = `/** An answer that says what went wrong (RFC 9457). */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

interface SendOptions {
  headers?: Record<string, string | undefined>;
  body?: unknown;
  signal: AbortSignal | undefined;
}

async function request(method: string, address: string, options: SendOptions): Promise<Response> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers.set(name, value);
  }
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.signal !== undefined) init.signal = options.signal;
  if (options.body instanceof Blob || options.body instanceof ArrayBuffer) {
    headers.set("content-type", "application/octet-stream");
    init.body = options.body;
  } else if (options.body !== undefined) {
    headers.set("content-type", "application/json");
    init.body = JSON.stringify(options.body);
  }
  const response = await fetch(address, init);
  if (!response.ok) throw new ApiProblem(await problemIn(response));
  return response;
}

async function send<T>(method: string, address: string, options: SendOptions): Promise<T> {
  const response = await request(method, address, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function* sendForLines<T>(method: string, address: string, options: SendOptions): AsyncGenerator<T> {
  const response = await request(method, address, options);
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as T;
    }
    if (rest !== "") yield JSON.parse(rest) as T;
  } finally {
    await reader.cancel();
  }
}

/** What is between us and the server may answer too, and not in our words. */
async function problemIn(response: Response): Promise<Problem> {
  const traceId = response.headers.get("x-trace-id") ?? "";
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    return (await response.json()) as Problem;
  }
  const title = response.statusText || "Problem";
  return {
    type: "about:blank",
    title,
    status: response.status,
    detail: "the server's answer could not be read",
    code: "HTTP-" + response.status,
    traceId,
    effect: "no mail is lost",
  };
}

function queryText(values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? "" : "?" + query;
}
`;
