import assert from "node:assert/strict";
import { once } from "node:events";
import { request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createKit } from "../../../test/api/kit.ts";
import { importBytesMax } from "./imports.ts";

const url = "/api/v1/imports";
const rfc822 = { "content-type": "message/rfc822" };

async function withImport() {
  const kit = await createKit();
  const response = await kit.as("admin", { method: "POST", url });
  assert.equal(response.statusCode, 201);
  return { kit, id: response.json().id as string };
}

for (const type of ["message/rfc822", "application/octet-stream"]) {
  test(`a message offered as ${type} is taken byte for byte`, async () => {
    const { kit, id } = await withImport();
    await using _ = kit;
    const payload = Buffer.from([0, 13, 10, 255, 46]);
    const offer = {
      method: "POST",
      url: `${url}/${id}/messages?sourceKey=k1&label=a.eml&type=standard`,
      headers: { "content-type": type },
      payload,
    } as const;
    const first = await kit.as("admin", offer);
    assert.deepEqual([first.statusCode, first.json()], [202, { state: "accepted" }]);
    assert.deepEqual((await kit.as("admin", offer)).json(), { state: "known" });
    assert.deepEqual(kit.archive.imported, [
      { sourceKey: "k1", label: "a.eml", type: "standard", origin: null, bytes: payload },
    ]);
    const run = (await kit.as("admin", { url: `${url}/${id}` })).json();
    assert.deepEqual(run, { accepted: 1, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 1 });
  });
}

const refused: [string, string, object, number, string][] = [
  [
    "a run nobody began",
    `${url}/imp_9/messages?sourceKey=k&label=l&type=eej`,
    { headers: rfc822, payload: "x" },
    404,
    "IMPORT-UNKNOWN",
  ],
  ["JSON", `${url}/ID/messages?sourceKey=k&label=l&type=eej`, { payload: {} }, 415, "REQUEST-MEDIA-TYPE"],
  ["no body", `${url}/ID/messages?sourceKey=k&label=l&type=eej`, {}, 415, "REQUEST-MEDIA-TYPE"],
  ["no source key", `${url}/ID/messages?label=l&type=eej`, { headers: rfc822, payload: "x" }, 400, "REQUEST-INVALID"],
  [
    "another type",
    `${url}/ID/messages?sourceKey=k&label=l&type=mbox`,
    { headers: rfc822, payload: "x" },
    400,
    "REQUEST-INVALID",
  ],
  [
    "a body that announces too much",
    `${url}/ID/messages?sourceKey=k&label=l&type=eej`,
    { headers: { ...rfc822, "content-length": String(importBytesMax + 1) }, payload: "x" },
    413,
    "IMPORT-TOO-LARGE",
  ],
];
for (const [name, path, more, status, code] of refused) {
  test(`${name} is ${status} ${code}`, async () => {
    const { kit, id } = await withImport();
    await using _ = kit;
    const response = await kit.as("admin", { method: "POST", url: path.replace("ID", id), ...more });
    assert.deepEqual([response.statusCode, response.json().code], [status, code], response.body);
    assert.deepEqual(kit.archive.imported, []);
  });
}

test("mail is taken as it comes: the archive reads the first piece before the last is sent", async () => {
  const { kit, id } = await withImport();
  await using _ = kit;
  let told: (text: string) => void = () => {};
  const firstPiece = new Promise<string>((resolve) => {
    told = resolve;
  });
  kit.archive.offerImport = async (_tenant, _run, { body }) => {
    for await (const piece of body) told(Buffer.from(piece).toString());
    return { state: "known" };
  };
  await kit.api.listen({ host: "127.0.0.1", port: 0 });
  const { port } = kit.api.server.address() as AddressInfo;
  const authorization = `Bearer ${await kit.tokenOf("admin")}`;
  const path = `${url}/${id}/messages?sourceKey=k&label=l&type=eej`;
  const request = send({ port, method: "POST", path, headers: { authorization, ...rfc822 }, agent: false });
  request.write("first");
  assert.equal(await firstPiece, "first");
  request.end("last");
  const [response] = await once(request, "response");
  response.resume();
  assert.equal(response.statusCode, 202);
});

test("a sender that breaks off midway makes the archive's reading fail", async () => {
  const { kit, id } = await withImport();
  await using _ = kit;
  let failed: (error: unknown) => void = () => {};
  const failure = new Promise<unknown>((resolve) => {
    failed = resolve;
  });
  let begun: () => void = () => {};
  const firstPiece = new Promise<void>((resolve) => {
    begun = resolve;
  });
  kit.archive.offerImport = async (_tenant, _run, { body }) => {
    try {
      for await (const _piece of body) begun();
      failed(null);
    } catch (error) {
      failed(error);
    }
    return { state: "known" };
  };
  await kit.api.listen({ host: "127.0.0.1", port: 0 });
  const { port } = kit.api.server.address() as AddressInfo;
  const authorization = `Bearer ${await kit.tokenOf("admin")}`;
  const path = `${url}/${id}/messages?sourceKey=k&label=l&type=eej`;
  const headers = { authorization, ...rfc822, "content-length": "100" };
  const request = send({ port, method: "POST", path, headers, agent: false });
  request.on("error", () => {});
  request.write("half");
  await firstPiece;
  request.destroy();
  assert.notEqual(await failure, null);
});
