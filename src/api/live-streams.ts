import type { FastifyReply } from "fastify";

/** Answers that go on for as long as someone listens. */
export interface LiveStreams {
  /** A signal that aborts when the peer is gone or the server closes. */
  open(reply: FastifyReply): AbortSignal;
}

/** Ties every live stream to the life of `app`: closing it would otherwise wait for listeners that never leave. */
export function createLiveStreams(app: { addHook(name: "preClose", hook: () => Promise<void>): unknown }): LiveStreams {
  const open = new Set<AbortController>();
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
    for (const controller of open) controller.abort();
  });
  return {
    open(reply) {
      const controller = new AbortController();
      if (isClosing) controller.abort();
      open.add(controller);
      reply.raw.once("close", () => {
        open.delete(controller);
        controller.abort();
      });
      return controller.signal;
    },
  };
}
