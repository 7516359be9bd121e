import { type Static, type TProperties, type TSchema, Type } from "typebox";

/** An object of a request: a field that is not named here is an error. */
export function strictObject<P extends TProperties>(
  properties: P,
  options: { title?: string; description?: string } = {},
) {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** An object of an answer under its name in the OpenAPI document. */
export function named<P extends TProperties>(title: string, properties: P) {
  return Type.Object(properties, { title });
}

/** `schema` or null. */
export function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(words: Words, description?: string) {
  return Type.Unsafe<Words[number]>({
    type: "string",
    enum: [...words],
    ...(description === undefined ? {} : { description }),
  });
}

/** An RFC 3339 time in UTC. */
export const Time = Type.String({ format: "date-time" });
/** A count: never negative. */
export const Count = Type.Integer({ minimum: 0 });
export const TransportWord = oneOf(["smtp", "pop3", "import"]);
export const ConnectorTypeWord = oneOf(
  ["standard", "eej"],
  "standard: mails as they are; eej: Exchange envelope journal reports",
);
export const RoleWord = oneOf(["operator", "admin", "compliance", "auditor", "user"]);
export const StateWord = oneOf(["archived", "duplicate", "quarantined", "held"]);

/** The path parameter `id`. */
export const IdParams = strictObject({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** RFC 9457 problem details, with our own members `code`, `traceId`, `effect` and `errors`. */
export const Problem = named("Problem", {
  type: Type.String({ description: "urn:muniment:problem: and the code in lower case" }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ description: "stable, upper case" }),
  traceId: Type.String({ description: "also in the header x-trace-id and in the server's log" }),
  effect: Type.String({ description: "what this means for mail" }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.Optional(Type.String({ description: "JSON pointer into the request" })),
        column: Type.Optional(Type.Integer({ description: "column in the query, from 0" })),
        detail: Type.String(),
        suggestion: Type.Optional(Type.String()),
      }),
    ),
  ),
});
export type Problem = Static<typeof Problem>;

/** An answer that is streamed as it is: only described, never serialised. */
export function streamed(mediaType: string, description: string, schema: object): { 200: unknown } {
  return { 200: { description, content: { [mediaType]: { schema } } } };
}

/** A list that fits one page: `nextCursor` is there so that every list has one shape. */
export function listOf<T extends TSchema>(title: string, item: T) {
  return named(title, { data: Type.Array(item), nextCursor: orNull(Type.String()), asOf: Time });
}

/** Mail as it is. */
export const exactBytes = streamed(
  "message/rfc822",
  "The exact bytes, with Content-Length and Repr-Digest (RFC 9530)",
  {
    type: "string",
    format: "binary",
  },
);
