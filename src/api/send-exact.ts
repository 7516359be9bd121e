import type { FastifyReply } from "fastify";
import { exactBody } from "./exact-body.ts";

/** Sends bytes with their length and digest, as a file to keep: a browser must not render mail by itself. */
export function sendExact(
  reply: FastifyReply,
  name: string,
  facts: { bytes: number; sha256: string },
  bytes: AsyncIterable<Uint8Array>,
): FastifyReply {
  const digest = Buffer.from(facts.sha256, "hex").toString("base64");
  return reply
    .type("message/rfc822")
    .header("content-length", facts.bytes)
    .header("repr-digest", `sha-256=:${digest}:`)
    .header("content-disposition", `attachment; filename="${name}.eml"`)
    .send(exactBody(bytes, facts.bytes));
}
