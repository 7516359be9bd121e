import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { InvalidRequest } from "./problem.ts";

/** Most errors told of one request: a form is mended a few fields at a time. */
const errorsMax = 20;

/**
 * Makes the check of one part of a request from its schema.
 *
 * Query and path come as text, so numbers in them are converted; in a body a number in quotes is an error.
 */
export const compileValidator: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  const validator = Compile(schema as TSchema);
  const givenIn = (part: string | undefined, value: unknown) => {
    if (part === "querystring" || part === "params") return validator.Convert({ ...(value as object) });
    // A request without a body says nothing, which is what an empty object says.
    return part === "body" ? (value ?? {}) : value;
  };
  return (value: unknown) => {
    const read = givenIn(httpPart, value);
    if (validator.Check(read)) return { value: read };
    const errors = validator.Errors(read).slice(0, errorsMax);
    return {
      error: new InvalidRequest(
        "REQUEST-INVALID",
        `the ${httpPart === "querystring" ? "query" : httpPart} is not as the API document describes it`,
        errors.map((error) => ({ pointer: error.instancePath, detail: detailOf(error) })),
      ),
    };
  };
};

/** The validator's words, and which field it means where it leaves that out. */
function detailOf(error: { keyword: string; message: string; params: object }): string {
  const named = Object.values(error.params)
    .flat()
    .filter((value) => typeof value === "string");
  const names = ["additionalProperties", "required", "enum"].includes(error.keyword) ? named : [];
  return names.length === 0 ? error.message : `${error.message}: ${names.join(", ")}`;
}
