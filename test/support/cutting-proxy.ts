import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** Where a connection through the proxy is cut. Only the first connection that comes to it is. */
export type Cut =
  /** After this many octets from the server. */
  | { kind: "after-server-octets"; octets: number }
  /** When the client says `text`: before the server hears it. */
  | { kind: "before-client-says"; text: string }
  /** When the client has said `text` and the server has answered: before the client hears the answer. */
  | { kind: "before-answer-to"; text: string };

/** A TCP proxy on loopback that cuts. */
export interface CuttingProxy {
  port: number;
  /**
   * Cuts the next connection that comes to this point; null lets everything pass.
   *
   * @param afterwards `down`: further connections are ended at once until this is called again, so that what the cut left can be seen
   */
  cutAt(cut: Cut | null, afterwards?: "up" | "down"): void;
  /** Whether the cut took place. */
  readonly hasCut: boolean;
  /** Resolves when the cut that was last asked for takes place. */
  readonly cut: Promise<void>;
  /** Octets from the server, over all connections. */
  readonly serverOctets: number;
}

/** Starts a proxy to a port of loopback, ended with the test. */
export async function testCuttingProxy(test: TestContext, target: number): Promise<CuttingProxy> {
  let cut: Cut | null = null;
  let afterwards: "up" | "down" = "up";
  let hasCut = false;
  let cutting = Promise.withResolvers<void>();
  let serverOctets = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (hasCut && afterwards === "down") return void client.destroy();
    const upstream = connect(target, "127.0.0.1");
    let fromServer = 0;
    let isAnswerAwaited = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
    }
    const end = () => {
      client.destroy();
      upstream.destroy();
      sockets.delete(client);
      sockets.delete(upstream);
    };
    const cutNow = () => {
      cut = null;
      hasCut = true;
      end();
      cutting.resolve();
    };
    client.on("data", (chunk: Buffer) => {
      if (cut?.kind === "before-client-says" && chunk.includes(cut.text)) return cutNow();
      if (cut?.kind === "before-answer-to" && chunk.includes(cut.text)) isAnswerAwaited = true;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      serverOctets += chunk.length;
      if (isAnswerAwaited) return cutNow();
      if (cut?.kind === "after-server-octets" && fromServer + chunk.length >= cut.octets) {
        client.write(chunk.subarray(0, cut.octets - fromServer), cutNow);
        return;
      }
      fromServer += chunk.length;
      client.write(chunk);
    });
    client.on("close", end);
    upstream.on("close", () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as { port: number }).port,
    cutAt: (next, then = "up") => {
      cut = next;
      afterwards = then;
      hasCut = false;
      cutting = Promise.withResolvers();
    },
    get cut() {
      return cutting.promise;
    },
    get hasCut() {
      return hasCut;
    },
    get serverOctets() {
      return serverOctets;
    },
  };
}
