import { Failure, type FailureFacts, failureFacts, failureFrom } from "#core/index.ts";

/** The end of a channel between two threads: a Worker, a MessagePort, or the parent's port. */
export interface ChannelEnd {
  postMessage(message: unknown): void;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

/** Plain data in and out; a thrown {@link Failure} arrives as one. */
export type Handlers = Record<string, (argument: never) => Promise<unknown>>;

/** Asks the other side. */
export interface Caller {
  call<Answer>(method: string, argument: unknown): Promise<Answer>;
  /** Fails every unanswered call, for when the other side is gone. */
  fail(reason: Failure): void;
}

type Message =
  | { kind: "call"; id: number; method: string; argument: unknown }
  | { kind: "answer"; id: number; value: unknown }
  | { kind: "failure"; id: number; failure: FailureFacts };

/**
 * Lets two threads call each other over one channel, each with handlers of its own. Answers may come in any order.
 *
 * Both ends must be connected before the first call is made; arguments and answers are copied as by structured clone.
 */
export function connectCalls(end: ChannelEnd, handlers: Handlers): Caller {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (failure: Failure) => void }>();
  let lastId = 0;

  async function answer(id: number, method: string, argument: unknown): Promise<void> {
    let reply: Message;
    try {
      const handler = handlers[method];
      if (handler === undefined) throw new Failure("INTERNAL", "never", `no handler for ${method}`);
      reply = { kind: "answer", id, value: await handler(argument as never) };
    } catch (error) {
      reply = { kind: "failure", id, failure: failureFacts(error) };
    }
    end.postMessage(reply);
  }

  end.on("message", (raw) => {
    const message = raw as Message;
    if (message.kind === "call") {
      void answer(message.id, message.method, message.argument);
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === "answer") asked?.resolve(message.value as never);
    else asked?.reject(failureFrom(message.failure));
  });

  return {
    call: (method, argument) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as (value: never) => void, reject });
        end.postMessage({ kind: "call", id: lastId, method, argument } satisfies Message);
      }),
    fail: (reason) => {
      for (const { reject } of waiting.values()) reject(reason);
      waiting.clear();
    },
  };
}
