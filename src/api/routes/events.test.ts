import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { acme, createKit } from "../../../test/api/kit.ts";

async function listening() {
  const kit = await createKit();
  await kit.api.listen({ host: "127.0.0.1", port: 0 });
  const { port } = kit.api.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${await kit.tokenOf("operator")}` };
  const request = get({ port, path: "/api/v1/events", headers, agent: false });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  response.setEncoding("utf8");
  return { kit, request, response };
}

/** Reads until `count` events have come; returns their names and data. */
async function read(response: IncomingMessage, count: number) {
  let text = "";
  while (text.split("\n\n").length <= count) {
    const piece = response.read();
    if (piece === null) await once(response, "readable");
    else text += piece;
  }
  return text
    .split("\n\n")
    .slice(0, count)
    .map((event) => {
      const [, id, name, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(event)!;
      return { id: Number(id), name, data: JSON.parse(data!) };
    });
}

test("the first events are what the resources say now", async () => {
  const { kit, request, response } = await listening();
  await using _ = kit;
  assert.equal(response.headers["content-type"], "text/event-stream");
  const [connectors, status] = await read(response, 2);
  assert.deepEqual([connectors!.id, connectors!.name, status!.id, status!.name], [1, "connectors", 2, "status"]);
  assert.deepEqual(connectors!.data, (await kit.as("operator", { url: "/api/v1/connectors" })).json());
  assert.deepEqual(status!.data, (await kit.as("operator", { url: "/api/v1/status" })).json());
  request.destroy();
});

test("an added connector is told without asking", async () => {
  const { kit, request, response } = await listening();
  await using _ = kit;
  await read(response, 2);
  await kit.connectors.add(acme, {
    description: "HQ",
    journalEmailAddress: "j@x.example",
    type: "eej",
    maxAgeDays: 30,
  });
  kit.clock.advance(500);
  const [connectors] = await read(response, 2);
  assert.deepEqual(
    connectors!.data.data.map(({ description }: { description: string }) => description),
    ["HQ"],
  );
  request.destroy();
});

test("closing the server ends the stream, and nobody waits any more", async () => {
  const { kit, response } = await listening();
  await read(response, 2);
  const end = once(response, "end");
  response.resume();
  await kit.api.close();
  await end;
  assert.deepEqual([kit.archive.waiting(), kit.clock.sleeping()], [0, 0]);
});

test("a listener who leaves is forgotten", async () => {
  const { kit, request, response } = await listening();
  await using _ = kit;
  await read(response, 2);
  request.destroy();
  while (kit.archive.waiting() > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(kit.clock.sleeping(), 0);
});
