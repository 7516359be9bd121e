import { Readable } from "node:stream";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import type { Progress } from "#archive/index.ts";
import type { LiveStreams } from "./live-streams.ts";
import { workLines } from "./work-lines.ts";

/** Answers a request with the lines of a long work, see {@link workLines}. */
export function sendWork(
  answer: { request: FastifyRequest; reply: FastifyReply; logger: FastifyBaseLogger; streams: LiveStreams },
  work: (report: (progress: Progress) => void) => Promise<unknown>,
): FastifyReply {
  const { request, reply, logger, streams } = answer;
  const body = workLines(work, {
    signal: streams.open(reply),
    traceId: request.id,
    onFailure: (error) => logger.error({ traceId: request.id, err: error }, "work failed"),
  });
  return reply.type("application/x-ndjson").send(Readable.from(body, { objectMode: false }));
}
