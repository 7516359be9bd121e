import { createServer } from "node:https";
import type { TestContext } from "node:test";
import type { Certificate } from "./certificates.ts";

/** What a token endpoint answers. */
export interface TokenAnswer {
  status: number;
  /** JSON unless it is a text. */
  body: object | string;
  headers?: Record<string, string>;
}

/** A token endpoint of the test's own, on loopback. */
export interface TokenServer {
  /** Its address, under the name of its certificate. */
  url: string;
  port: number;
  /** The forms that came, oldest first. */
  readonly asked: URLSearchParams[];
  /** What it answers to the next request; null: nothing, ever. */
  answer: (form: URLSearchParams) => TokenAnswer | null;
}

/** Starts an endpoint that gives `token-1`, `token-2` and so on, each for an hour; ended with the test. */
export async function testTokenServer(test: TestContext, certificate: Certificate): Promise<TokenServer> {
  const asked: URLSearchParams[] = [];
  const tokens: TokenServer = {
    url: "",
    port: 0,
    asked,
    answer: () => ({ status: 200, body: { access_token: `token-${asked.length}`, expires_in: 3_600 } }),
  };
  const server = createServer({ cert: certificate.cert, key: certificate.key }, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const form = new URLSearchParams(Buffer.concat(pieces).toString());
    asked.push(form);
    const answer = tokens.answer(form);
    if (answer === null) return;
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  tokens.port = (server.address() as { port: number }).port;
  tokens.url = `https://localhost:${tokens.port}/tenant/oauth2/token`;
  return tokens;
}
