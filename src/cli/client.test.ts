import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkedDownload } from "./checked-download.ts";
import { type Client, createClient } from "./client.ts";

/** A client of a server that answers with `listener`. */
async function clientOf(
  t: TestContext,
  listener: RequestListener,
  signal = new AbortController().signal,
): Promise<Client> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-client-"));
  const address = join(folder, "s");
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(address, resolve));
  const client = createClient({ address, tenant: "acme", signal, reach: async () => assert.fail("reached") });
  t.after(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });
  return client;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

async function all(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const problem = {
  type: "urn:x",
  title: "x",
  status: 413,
  detail: "too large",
  code: "IMPORT-TOO-LARGE",
  effect: "none",
};

test("a request names the tenant, and its JSON answer comes back", async (t) => {
  const client = await clientOf(t, async (request, response) => {
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, tenant: headers["x-muniment-tenant"], body: await textOf(request) }));
  });
  const sent = await client.send("POST", "/connectors", { a: "ü" });
  assert.deepEqual(sent, { method: "POST", url: "/api/v1/connectors", tenant: "acme", body: '{"a":"ü"}' });
});

test("a problem is thrown with all it says", async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.writeHead(413, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  });
  await assert.rejects(client.get("/x"), { code: "IMPORT-TOO-LARGE", message: "too large", problem });
});

test("an answer that is no problem document is a failure all the same", async (t) => {
  const client = await clientOf(t, (_, response) => void response.writeHead(502).end("<html>"));
  await assert.rejects(client.get("/x"), { code: "SERVER-ANSWER" });
});

test("an upload arrives with its length", async (t) => {
  const client = await clientOf(t, async (request, response) => {
    response.end(JSON.stringify({ length: request.headers["content-length"], body: await textOf(request) }));
  });
  assert.deepEqual(await client.upload("/x", pieces("ab", "c"), 3), { length: "3", body: "abc" });
});

test("a problem that comes before the upload has ended stops the upload and its source", async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.writeHead(413, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  });
  let isReleased = false;
  async function* endless() {
    try {
      for (;;) yield Buffer.alloc(64 * 1024);
    } finally {
      isReleased = true;
    }
  }
  await assert.rejects(client.upload("/x", endless(), 2 ** 40), { code: "IMPORT-TOO-LARGE" });
  assert.ok(isReleased);
});

test("an upload whose source fails fails as the source did", async (t) => {
  const client = await clientOf(t, (request) => void request.resume());
  async function* failing() {
    yield Buffer.from("a");
    throw new Error("disk");
  }
  await assert.rejects(client.upload("/x", failing(), 10), { message: "disk" });
});

test("when nobody listens, the source is not spent before somebody does", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "muniment-client-"));
  const address = join(folder, "s");
  const server = createServer(async (request, response) => void response.end(JSON.stringify(await textOf(request))));
  const reach = () => new Promise<void>((resolve) => server.listen(address, resolve));
  const client = createClient({ address, tenant: null, signal: new AbortController().signal, reach });
  t.after(async () => {
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });
  assert.equal(await client.upload("/x", pieces("abc"), 3), "abc");
});

test("a server that goes away before it answers is a failure that may pass", async (t) => {
  const client = await clientOf(t, (request) => void request.socket.destroy());
  await assert.rejects(client.get("/x"), { code: "SERVER-STOPPING", retry: "later" });
});

test("lines come one by one, however they are cut", async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.write('{"a":1}\n{"a"');
    response.end(':2}\n\n{"a":3}');
  });
  const lines: unknown[] = [];
  for await (const line of client.lines("/x")) lines.push(line);
  assert.deepEqual(lines, [{ a: 1 }, { a: 2 }, { a: 3 }]);
});

test("an abort calls off what waits", async (t) => {
  const ending = new AbortController();
  const client = await clientOf(t, () => ending.abort(), ending.signal);
  await assert.rejects(client.get("/x"), { code: "INTERRUPTED" });
});

test("a download is checked against the digest that the server announced", async (t) => {
  const digest = (text: string) => createHash("sha256").update(text).digest("base64");
  const client = await clientOf(t, (request, response) => {
    const announced = request.url?.endsWith("right") ? "mail" : "other";
    response.writeHead(200, { "content-length": 4, "repr-digest": `sha-256=:${digest(announced)}:` }).end("mail");
  });
  assert.equal(await all(checkedDownload(await client.download("/right"), "msg")), "mail");
  await assert.rejects(all(checkedDownload(await client.download("/wrong"), "msg")), { code: "BYTES-DIFFER" });
  const expected = createHash("sha256").update("other").digest("hex");
  await assert.rejects(all(checkedDownload(await client.download("/right"), "msg", expected)), {
    code: "BYTES-DIFFER",
  });
});

test("a download that breaks off is never taken for whole", async (t) => {
  const client = await clientOf(t, (_, response) => {
    response.writeHead(200, { "content-length": 10 }).write("part", () => response.destroy());
  });
  await assert.rejects(all(checkedDownload(await client.download("/x"), "msg")), { code: "BYTES-CUT" });
});
