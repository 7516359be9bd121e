import type { Socket } from "node:net";
import type { Clock } from "#core/index.ts";
import type { SmtpLimits } from "./limits.ts";
import { type ProxySource, readProxyHeader } from "./proxy-header.ts";

/** What a proxy's connection began with; `gone` when it ended, was too slow, or we stop. */
export type Proxied =
  | { kind: "header"; source: ProxySource }
  | { kind: "malformed"; reason: string }
  | { kind: "gone" };

/**
 * Reads a trusted proxy's header off a connection, and nothing behind it: the socket is left paused with what follows
 * unread. Never rejects.
 */
export async function receiveProxyHeader(
  socket: Socket,
  { clock, limits }: { clock: Clock; limits: Readonly<SmtpLimits> },
  stopping: AbortSignal,
): Promise<Proxied> {
  const done = new AbortController();
  const late = clock.sleep(limits.proxyTimeoutMs, AbortSignal.any([done.signal, stopping]));
  const received = await Promise.race([headerOf(socket), late.then((): Proxied => ({ kind: "gone" }))]);
  done.abort();
  await late;
  return received;
}

function headerOf(socket: Socket): Promise<Proxied> {
  return new Promise((resolve) => {
    let octets: Buffer = Buffer.alloc(0);
    const finish = (proxied: Proxied) => {
      socket.off("data", take).off("end", gone).off("close", gone);
      resolve(proxied);
    };
    const gone = () => finish({ kind: "gone" });
    const take = (chunk: Buffer) => {
      octets = Buffer.concat([octets, chunk]);
      const header = readProxyHeader(octets);
      if (header.kind === "more") return;
      if (header.kind === "malformed") return finish(header);
      socket.pause();
      if (header.bytes < octets.length) socket.unshift(octets.subarray(header.bytes));
      finish({ kind: "header", source: header.source });
    };
    socket.on("error", () => {});
    socket.on("data", take).on("end", gone).on("close", gone);
  });
}
