import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { Envelope } from "#core/index.ts";
import { acme, createKit } from "../../../test/api/kit.ts";

const mail = "Subject: minutes\r\nTo: bob@example.com\r\n\r\nSee you at ten.\r\n";
const envelope: Envelope = {
  sender: "ann@example.com",
  onBehalfOf: null,
  recipients: [
    { address: "bob@example.com", role: "to", relation: "direct", via: null, source: "report" },
    { address: "eve@example.com", role: "bcc", relation: "direct", via: null, source: "report" },
  ],
};

test("a result line says what matters of a message", async () => {
  await using kit = await createKit();
  const parts = [{ path: "1", type: "application/pdf", filename: "a.pdf", bytes: 9 }];
  const row = kit.archive.put(acme, mail, { subject: "minutes", envelope, parts });
  const response = await kit.as("auditor", { url: "/api/v1/messages?q=minutes&zone=Europe/Berlin" });
  const now = "2030-01-01T00:00:00.000Z";
  assert.deepEqual(response.json(), {
    total: 1,
    data: [
      {
        id: row.id,
        sha256: row.sha256,
        bytes: mail.length,
        subject: "minutes",
        from: "Ann <ann@example.com>",
        to: ["bob@example.com"],
        date: null,
        archivedAt: now,
        state: "archived",
        reason: null,
        flags: [],
        hasAttachment: true,
        receipts: 1,
        envelopeRecipients: 2,
      },
    ],
    nextCursor: null,
    asOf: now,
    readAs: "minutes in Europe/Berlin",
    coverage: { searchable: 1, archived: 1, asOf: now },
  });
});

test("pages follow each other by cursor", async () => {
  await using kit = await createKit();
  for (const number of [1, 2, 3]) kit.archive.put(acme, `${mail}${number}`, { subject: `s${number}` });
  const page = async (query: string) => (await kit.as("admin", { url: `/api/v1/messages?${query}` })).json();
  const first = await page("limit=2");
  const second = await page(`limit=2&cursor=${first.nextCursor}`);
  const subjects = [...first.data, ...second.data].map(({ subject }: { subject: string }) => subject);
  assert.deepEqual([subjects, second.nextCursor, first.total], [["s1", "s2", "s3"], null, 3]);
});

test("a query that is none is a 400 problem with column and suggestion", async () => {
  await using kit = await createKit();
  const response = await kit.as("admin", { url: "/api/v1/messages?q=bad:x" });
  assert.equal(response.statusCode, 400);
  assert.equal(response.json().code, "QUERY-UNKNOWN-OPERATOR");
  assert.deepEqual(response.json().errors, [{ column: 0, detail: "unknown operator bad:", suggestion: "bcc:" }]);
});

test("the detail has both layers side by side, the hop, and the text", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(acme, mail, { envelope, report: "the report", html: "<b>hi</b>" });
  const detail = (await kit.as("compliance", { url: `/api/v1/messages/${row.id}` })).json();
  assert.deepEqual(detail.recipients, [
    { address: "bob@example.com", inEnvelope: true, inHeader: true, how: "To, envelope and header" },
    { address: "eve@example.com", inEnvelope: true, inHeader: false, how: "Bcc, envelope only" },
  ]);
  assert.deepEqual(detail.envelope, envelope);
  assert.deepEqual([detail.text, detail.html, detail.verified], [mail, "<b>hi</b>", true]);
  assert.equal(detail.receipts.length, 1);
  assert.equal(detail.receipts[0].report.dialect, "exchange-2016");
  assert.equal(detail.receipts[0].hop.peer, "127.0.0.1:9");
  assert.deepEqual(detail.headers.from, [{ name: "Ann", address: "ann@example.com" }]);
  assert.equal(JSON.stringify(detail).includes("storedAt"), false);
});

test("the raw message is its very bytes, with length and digest, as a file", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(acme, mail);
  const { headers, rawPayload } = await kit.as("auditor", { url: `/api/v1/messages/${row.id}/raw` });
  assert.equal(rawPayload.toString(), mail);
  assert.equal(headers["content-type"], "message/rfc822");
  assert.equal(Number(headers["content-length"]), mail.length);
  assert.equal(headers["repr-digest"], `sha-256=:${createHash("sha256").update(mail).digest("base64")}:`);
  assert.equal(headers["content-disposition"], `attachment; filename="${row.id}.eml"`);
  assert.equal(headers["x-content-type-options"], "nosniff");
});

test("the report is its very bytes, of the receipt asked for or the first that has one", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(acme, mail, { report: "the report" });
  row.receipts.unshift({ ...row.receipts[0]!, report: null });
  const ask = (query: string) => kit.as("auditor", { url: `/api/v1/messages/${row.id}/report${query}` });
  for (const query of ["", "?receipt=1"]) {
    const { rawPayload, headers } = await ask(query);
    assert.equal(rawPayload.toString(), "the report");
    assert.equal(headers["repr-digest"], `sha-256=:${createHash("sha256").update("the report").digest("base64")}:`);
  }
  for (const query of ["?receipt=0", "?receipt=2"]) {
    const response = await ask(query);
    assert.deepEqual([response.statusCode, response.json().code], [404, "RECEIPT-NO-REPORT"]);
  }
  assert.equal((await ask("?receipt=-1")).statusCode, 400);
});

test("what is not there is a 404 problem", async () => {
  await using kit = await createKit();
  const bare = kit.archive.put(acme, mail);
  const cases: [string, string][] = [
    ["msg_none", "MESSAGE-UNKNOWN"],
    ["msg_none/raw", "MESSAGE-UNKNOWN"],
    ["msg_none/report", "MESSAGE-UNKNOWN"],
    [`${bare.id}/report`, "RECEIPT-NO-REPORT"],
  ];
  for (const [path, code] of cases) {
    const response = await kit.as("admin", { url: `/api/v1/messages/${path}` });
    assert.deepEqual([response.statusCode, response.json().code], [404, code]);
  }
});

test("damage found while the bytes are being sent cuts the connection", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(acme, mail);
  kit.archive.damage(row);
  await kit.api.listen({ host: "127.0.0.1", port: 0 });
  const { port } = kit.api.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${await kit.tokenOf("admin")}` };
  const request = get({ port, path: `/api/v1/messages/${row.id}/raw`, headers, agent: false });
  const [response] = await once(request, "response");
  const error = await new Promise((resolve) => {
    response.on("error", resolve);
    response.on("end", () => resolve(null));
    response.resume();
  });
  assert.equal((error as NodeJS.ErrnoException | null)?.code, "ECONNRESET");
});

test("damage found before the first byte is a problem, without the message's headers", async () => {
  await using kit = await createKit();
  const row = kit.archive.put(acme, mail);
  kit.archive.original = async () =>
    (async function* () {
      yield* [];
      throw new Error("no pack");
    })();
  const response = await kit.as("admin", { url: `/api/v1/messages/${row.id}/raw` });
  assert.deepEqual([response.statusCode, response.json().code], [500, "INTERNAL"]);
  assert.equal(response.headers["content-disposition"], undefined);
  assert.equal(response.headers["repr-digest"], undefined);
  assert.equal(Number(response.headers["content-length"]), response.rawPayload.length);
});
