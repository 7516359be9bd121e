import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "./run-command-line.ts";
import { socketAddress } from "./socket-address.ts";

/** One request as the archive sees it. */
interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
}
type Answer = { status?: number; json?: unknown; bytes?: string; headers?: Record<string, string>; lines?: unknown[] };
type Archive = (asked: Asked) => Answer;

interface Ran {
  code: number;
  out: string;
  err: string;
  /** The last line of standard output, read as JSON. */
  json(): unknown;
}

/** A data folder whose archive answers on its socket as `archive` says, and a way to run commands on it. */
async function archiveOf(t: TestContext, archive: Archive) {
  const data = await mkdtemp(join(tmpdir(), "muniment-run-"));
  await mkdir(join(data, "run"));
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const url = new URL(request.url ?? "", "http://archive");
    const { method = "", headers } = request;
    const path = url.pathname.replace("/api/v1", "");
    answer(response, archive({ method, path, query: url.searchParams, headers, body }));
  });
  await new Promise<void>((resolve) => server.listen(socketAddress(data), resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(data, { recursive: true, force: true });
  });
  const run = (...words: string[]) => ran([...words, "--data", data]);
  return { data, run };
}

function answer(response: ServerResponse, { status = 200, json, bytes, headers = {}, lines }: Answer): void {
  const type = status < 400 ? "application/json" : "application/problem+json";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(bytes ?? lines?.map((line) => JSON.stringify(line) + "\n").join("") ?? JSON.stringify(json));
}

async function ran(words: string[], ending = new AbortController()): Promise<Ran> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const code = await runCommandLine(words, {
    stdout: collecting(out),
    stderr: collecting(err),
    environment: {},
    signal: ending.signal,
    hurry: new AbortController().signal,
    load: async () => assert.fail("the archive was opened here"),
  });
  const text = Buffer.concat(out).toString();
  const json = () => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  return { code, out: text, err: Buffer.concat(err).toString(), json };
}

function collecting(pieces: Buffer[]): Writable {
  return new Writable({
    write(piece, _, done) {
      pieces.push(piece);
      done();
    },
  });
}

function problem(status: number, code: string, detail = "it failed"): Answer {
  return { status, json: { type: "urn:x", title: "x", status, detail, code, effect: "no mail is lost", traceId: "t" } };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function summary(id: string, text: string, more: object = {}) {
  const facts = { id, sha256: sha256(text), bytes: Buffer.byteLength(text), subject: `about ${id}`, from: "Ann <a@x>" };
  return { ...facts, date: "2026-01-02T03:04:05Z", state: "archived", ...more };
}

/** An archive that takes imports into memory, as the real one promises: by source, then by bytes. */
function importing(refuse: (asked: Asked) => Answer | undefined = () => undefined) {
  const sources = new Set<string>();
  const messages = new Set<string>();
  const counts = { accepted: 0, archived: 0, duplicate: 0, quarantined: 0, held: 0, processing: 0 };
  const bySource = new Map<string, number>();
  let polls = 0;
  const archive: Archive = (asked) => {
    if (asked.path === "/imports") {
      Object.assign(counts, { accepted: 0, archived: 0, duplicate: 0 });
      bySource.clear();
      return { status: 201, json: { id: "imp_1" } };
    }
    if (asked.path.endsWith("/sources"))
      return { json: { data: [...bySource].map(([source, archived]) => ({ source, accepted: archived, archived })) } };
    if (asked.method === "GET") {
      polls += 1;
      return { json: { ...counts, processing: polls % 2 } };
    }
    const refusal = refuse(asked);
    if (refusal !== undefined) return refusal;
    const source = asked.query.get("source") ?? "";
    const key = asked.query.get("sourceKey") ?? "";
    if (sources.has(key)) return { status: 202, json: { state: "known" } };
    sources.add(key);
    counts.accepted += 1;
    counts[messages.has(asked.body) ? "duplicate" : "archived"] += 1;
    if (!messages.has(asked.body)) bySource.set(source, (bySource.get(source) ?? 0) + 1);
    messages.add(asked.body);
    return { status: 202, json: { state: "accepted" } };
  };
  return { archive, messages };
}

test("import offers every message once and ends with the counts of all", async (t) => {
  const { archive, messages } = importing();
  const { data, run } = await archiveOf(t, archive);
  const mails = join(data, "mails");
  await mkdir(mails);
  for (const [name, text] of [
    ["1.eml", "A: 1\n\n"],
    ["2.eml", "A: 2\n\n"],
    ["3.eml", "A: 1\n\n"],
    ["broken.tar.gz", "no gzip"],
    ["README", "no mail"],
  ] as const) {
    await writeFile(join(mails, name), text);
  }
  const first = await run("import", mails, "--json");
  const shared = { found: 4, quarantined: 0, held: 0, unreadable: 1, ignored: 1 };
  const nothing = { archived: 0, duplicate: 0, quarantined: 0, held: 0, unreadable: 0, ignored: 0, known: 0 };
  const folder = { ...nothing, source: mails, found: 3, ignored: 1, variant: null };
  const broken = { ...nothing, source: join(mails, "broken.tar.gz"), found: 1, unreadable: 1, variant: null };
  const { sources, ...total } = first.json() as { sources: { source: string }[] };
  assert.deepEqual(total, { ...shared, archived: 2, duplicate: 1, known: 0 });
  assert.deepEqual(
    sources.toSorted((one, other) => one.source.length - other.source.length),
    [{ ...folder, archived: 2 }, broken],
  );
  assert.equal(first.code, 3);
  assert.match(first.err, /not read: .*broken\.tar\.gz: /);
  assert.deepEqual([...messages].toSorted(), ["A: 1\n\n", "A: 2\n\n"]);

  const again = await run("import", mails, "--json", "-v");
  const { sources: _, ...totalAgain } = again.json() as { sources: unknown };
  assert.deepEqual(totalAgain, { ...shared, archived: 0, duplicate: 3, known: 3 });
  assert.match(again.err, /ignored: .*README: no mail/);
});

test("import counts a message that is too large as unreadable and goes on", async (t) => {
  const { archive } = importing(({ body }) => (body.includes("2") ? problem(413, "IMPORT-TOO-LARGE") : undefined));
  const { data, run } = await archiveOf(t, archive);
  await writeFile(join(data, "1.eml"), "A: 1\n\n");
  await writeFile(join(data, "2.eml"), "A: 2\n\n");
  const { code, json } = await run("import", join(data, "1.eml"), join(data, "2.eml"), "--json");
  const rest = { quarantined: 0, held: 0, ignored: 0, known: 0 };
  const { sources: _, ...total } = json() as { sources: unknown };
  assert.deepEqual(total, { found: 2, archived: 1, duplicate: 0, unreadable: 1, ...rest });
  assert.equal(code, 3);
});

test("import of a path that does not exist begins nothing", async (t) => {
  const { run } = await archiveOf(t, () => assert.fail("asked"));
  const { code, json } = await run("import", "/nowhere/at/all", "--json");
  assert.equal(code, 5);
  assert.equal((json() as { problem: { code: string } }).problem.code, "PATH-MISSING");
});

test("import that is called off finishes what it began and says how to go on", async (t) => {
  const ending = new AbortController();
  const { archive, messages } = importing();
  const { data } = await archiveOf(t, (asked) => {
    if (asked.path.endsWith("/messages")) ending.abort();
    return archive(asked);
  });
  const mails = join(data, "mails");
  await mkdir(mails);
  for (let n = 0; n < 100; n += 1) await writeFile(join(mails, `${n}.eml`), `A: ${n}\n\n`);
  const words = ["import", mails, "--data", data, "--json"];
  const { code, err } = await ran(words, ending);
  assert.equal(code, 130);
  assert.match(err, /run the same import again/);
  assert.ok(messages.size >= 1 && messages.size < 40, `${messages.size} were offered`);
  const before = messages.size;
  const { json } = await ran(words);
  const { found, archived, known } = json() as { found: number; archived: number; known: number };
  assert.deepEqual([found, archived, known, messages.size], [100, 100 - before, before, 100]);
});

test("search prints one document, page by page up to the limit", async (t) => {
  const pages: string[] = [];
  const { run } = await archiveOf(t, ({ path, query }) => {
    assert.equal(path, "/messages");
    assert.equal(query.get("q"), "from:ann");
    pages.push(`${query.get("limit")} ${query.get("cursor")}`);
    const data = Array.from({ length: Number(query.get("limit")) }, (_, at) => summary(`msg_${at}`, "x"));
    const coverage = { searchable: 900, archived: 900, asOf: "2026-01-01T00:00:00Z" };
    return { json: { total: 900, data, nextCursor: "next", readAs: "from contains ann", coverage } };
  });
  const { code, json } = await run("search", "from:ann", "--limit", "250", "--json");
  const { total, items } = json() as { total: number; items: unknown[] };
  assert.deepEqual({ code, total, items: items.length }, { code: 0, total: 900, items: 250 });
  assert.deepEqual(pages, ["200 null", "50 next"]);
});

test("search for a program is TSV that no subject can break", async (t) => {
  const { run } = await archiveOf(t, () => {
    const data = [summary("msg_1", "x", { subject: "a\tb\nc\u001b[2J\u202e" })];
    const coverage = { searchable: 1, archived: 3, asOf: "2026-01-01T00:00:00Z" };
    return { json: { total: 1, data, nextCursor: null, readAs: "all", coverage } };
  });
  const { out, err } = await run("search", "*");
  assert.equal(
    out,
    "Id\tDate\tFrom\tSubject\tState\n" +
      "msg_1\t2026-01-02T03:04:05Z\tAnn <a@x>\ta\ufffdb\ufffdc\ufffd[2J\ufffd\tarchived\n",
  );
  assert.match(err, /2 messages are archived and not yet searchable/);
});

test("a limit that is no number is wrong usage", async (t) => {
  const { run } = await archiveOf(t, () => assert.fail("asked"));
  for (const limit of ["0", "-1", "x", "1.5", "100001"]) {
    assert.equal((await run("search", "*", "--limit", limit)).code, 2, limit);
  }
});

test("get writes the exact bytes, and the report of the receipt that was named", async (t) => {
  const { run } = await archiveOf(t, ({ path, query }) => {
    const bytes = path.endsWith("/raw") ? "A: 1\r\n\r\n" : `report ${query.get("receipt")}`;
    return { bytes, headers: { "content-length": String(bytes.length) } };
  });
  assert.equal((await run("get", "msg_1")).out, "A: 1\r\n\r\n");
  assert.equal((await run("get", "msg_1", "--report")).out, "report null");
  assert.equal((await run("get", "msg_1", "--report", "--receipt", "2")).out, "report 2");
  assert.equal((await run("get", "msg_1", "--receipt", "2")).code, 2);
});

test("export writes files and a manifest in the order of the search, and keeps what is there", async (t) => {
  const texts = new Map(["msg_b", "msg_a", "msg_c"].map((id) => [id, `Subject: ${id}\n\n`]));
  const fetched: string[] = [];
  const { data, run } = await archiveOf(t, ({ path }) => {
    if (path === "/status") return { json: { index: { coveredTo: 3, lastChange: 3 } } };
    const [, , id] = path.split("/");
    if (id === undefined) {
      const found = [...texts].map(([one, text]) => summary(one, text));
      return { json: { total: found.length, data: found, nextCursor: null, readAs: "all", coverage: {} } };
    }
    fetched.push(id);
    const bytes = texts.get(id) ?? "";
    return { bytes, headers: { "content-length": String(bytes.length) } };
  });
  const folder = join(data, "out");
  const first = await run("export", "*", "--out", folder, "--json");
  assert.equal(first.code, 0);
  assert.deepEqual((await readdir(folder)).toSorted(), ["manifest.jsonl", "msg_a.eml", "msg_b.eml", "msg_c.eml"]);
  const manifest = (await readFile(join(folder, "manifest.jsonl"), "utf8")).trimEnd().split("\n");
  assert.deepEqual(
    manifest.map((line) => JSON.parse(line)),
    [...texts].map(([id, text]) => ({ id, sha256: sha256(text), bytes: text.length, file: `${id}.eml` })),
  );
  assert.equal(await readFile(join(folder, "msg_a.eml"), "utf8"), texts.get("msg_a"));

  await writeFile(join(folder, "msg_a.eml"), "Subject: msg_x\n\n");
  fetched.length = 0;
  const { json } = await run("export", "*", "--out", folder, "--json");
  assert.deepEqual(fetched, ["msg_a"]);
  assert.equal((json() as { kept: number }).kept, 2);
  assert.equal(await readFile(join(folder, "msg_a.eml"), "utf8"), texts.get("msg_a"));
});

test("export begins when what was archived before it can be found, and not later", async (t) => {
  const indexes = [
    { coveredTo: 2, lastChange: 5 },
    { coveredTo: 4, lastChange: 7 },
    { coveredTo: 5, lastChange: 9 },
  ];
  const { data, run } = await archiveOf(t, ({ path }) => {
    if (path === "/status") return { json: { index: indexes.shift() } };
    if (path === "/exports") return { json: { messages: 1 } };
    if (path.endsWith("/raw")) return { bytes: "late" };
    assert.equal(indexes.length, 0, "asked before the index had come so far");
    return {
      json: { total: 1, data: [summary("msg_late", "late")], nextCursor: null, readAs: "all", coverage: {} },
    };
  });
  const { code, json } = await run("export", "*", "--out", join(data, "out"), "--json");
  assert.deepEqual([code, (json() as { exported: number }).exported], [0, 1]);
});

test("export leaves out what does not hold, names it, and ends as an integrity failure", async (t) => {
  const { data, run } = await archiveOf(t, ({ path }) => {
    const found = [summary("msg_a", "right"), summary("msg_b", "damaged"), summary("msg_c", "cut")];
    if (path === "/status") return { json: { index: { coveredTo: 3, lastChange: 3 } } };
    const bytes = { "/messages/msg_a/raw": "right", "/messages/msg_b/raw": "DAMAGED" }[path];
    if (path === "/messages") return { json: { total: 3, data: found, nextCursor: null, readAs: "all", coverage: {} } };
    if (path === "/exports") return { json: { messages: 3 } };
    return bytes === undefined ? problem(500, "PACK-DAMAGED") : { bytes };
  });
  const folder = join(data, "out");
  const { code, json, err } = await run("export", "*", "--out", folder, "--json");
  assert.equal(code, 20);
  const { exported, failed } = json() as { exported: number; failed: { id: string; problem: { code: string } }[] };
  assert.equal(exported, 1);
  assert.deepEqual(
    failed.map((one) => `${one.id} ${one.problem.code}`),
    ["msg_b BYTES-DIFFER", "msg_c PACK-DAMAGED"],
  );
  assert.match(err, /not exported: msg_b/);
  assert.deepEqual((await readdir(folder)).toSorted(), ["manifest.jsonl", "msg_a.eml"]);
});

test("verify ends with 20 when something is damaged and names it, with 13 when packs are unknown, and says what it read", async (t) => {
  const damaged = [{ id: "msg_1", pack: "pck_1", place: "frame", detail: "digest" }];
  const unknown = [{ pack: "pck_2", bytes: 9 }];
  const read = { checked: 2, packs: 1, bytes: 3, of: { packs: 2, bytes: 12 } };
  const good = { ok: true, ...read, damaged: [], unknown: [] };
  const warned = { ok: true, ...read, damaged: [], unknown };
  const bad = { ok: false, ...read, damaged, unknown };
  const results = [good, good, warned, bad, bad];
  const bodies: unknown[] = [];
  const { run } = await archiveOf(t, ({ method, path, body }) => {
    assert.equal(`${method} ${path}`, "POST /verifications");
    bodies.push(JSON.parse(body));
    return { lines: [{ progress: { done: 1, total: 2, unit: "messages" } }, { result: results.shift() }] };
  });
  const first = await run("verify", "--json");
  assert.deepEqual([first.code, first.json()], [0, good]);
  const text = await run("verify", "--sample", "5%", "--since", "2026-01-31");
  assert.deepEqual([text.code, text.out], [0, "verified: 2 messages, 1 of 2 packs, 3 of 12 bytes (25%)\n"]);
  const third = await run("verify", "--since", "2026-01-31T12:00:00+02:00");
  assert.deepEqual([third.code, third.out.includes("unknown\t-\tpck_2\t-\t9 bytes")], [13, true]);
  const last = await run("verify", "--sample", "0.5%", "--json");
  assert.deepEqual([last.code, last.json()], [20, bad]);
  assert.deepEqual(bodies, [
    {},
    { sample: 0.05, since: "2026-01-31T00:00:00.000Z" },
    { since: "2026-01-31T10:00:00.000Z" },
    { sample: 0.005 },
  ]);
});

test("a share or a time that is none is wrong usage", async (t) => {
  const { run } = await archiveOf(t, () => ({}));
  for (const sample of ["0%", "101%", "5", "-5%", "5%%"])
    assert.equal((await run("verify", `--sample=${sample}`)).code, 2, sample);
  for (const since of ["2026-02-31", "yesterday", "2026-1-1", "2026-01-01T00:00:00"])
    assert.equal((await run("verify", `--since=${since}`)).code, 2, since);
});

test("a long work that ends with a problem, or without a result, is no success", async (t) => {
  const endings: Answer[] = [
    { lines: [{ problem: problem(500, "PACK-DAMAGED").json }] },
    { lines: [{ progress: { done: 1, total: 2, unit: "messages" } }] },
  ];
  const { run } = await archiveOf(t, () => endings.shift() ?? {});
  assert.equal((await run("rebuild", "search")).code, 20);
  assert.equal((await run("rebuild", "search")).code, 75);
});

test("connectors are added with what was said, and changed on the version that was read", async (t) => {
  const asked: unknown[] = [];
  const connector = {
    ...{ id: "con_1", description: "Ex", enabled: true, status: "awaiting_initial_run", version: 7 },
    ...{ fidelity: { grade: null }, sourceClocks: [] },
  };
  const { run } = await archiveOf(t, ({ method, body, headers }) => {
    if (method !== "GET") asked.push([method, JSON.parse(body), headers["if-match"] ?? null]);
    return { json: connector };
  });
  const added = { transport: "smtp", type: "eej", description: "Ex", journalEmailAddress: "j@x" };
  const words = [
    "connectors",
    "add",
    "--transport",
    "smtp",
    "--type",
    "eej",
    "--description",
    "Ex",
    "--address",
    "j@x",
  ];
  assert.equal(((await run(...words, "--json")).json() as { id: string }).id, "con_1");
  await run(...words, "--max-age", "30d");
  await run(...words, "--max-age", "off");
  await run("connectors", "edit", "con_1", "--description", "New");
  await run("connectors", "disable", "con_1");
  assert.deepEqual(asked, [
    ["POST", added, null],
    ["POST", { ...added, maxAgeDays: 30 }, null],
    ["POST", { ...added, maxAgeDays: null }, null],
    ["PATCH", { description: "New" }, "7"],
    ["PATCH", { enabled: false }, "7"],
  ]);
  assert.equal((await run(...words, "--max-age", "soon")).code, 2);
  assert.equal((await run("connectors", "edit", "con_1")).code, 2);
});

test("connectors list is an array in JSON, and a table in the console's words otherwise", async (t) => {
  const connector = {
    ...{ id: "con_1", description: "Ex", enabled: true, status: "awaiting_initial_run" },
    ...{ fidelity: { grade: "B" }, sourceClocks: [{ source: "mx.example", offsetMinutes: 90 }] },
  };
  const { run } = await archiveOf(t, () => ({ json: { data: [connector], nextCursor: null } }));
  assert.deepEqual((await run("connectors", "list", "--json")).json(), [connector]);
  const [heading, row] = (await run("connectors", "list")).out.split("\n");
  assert.equal(
    heading?.replaceAll("\t", "|"),
    "Id|Description|Enabled|Journal Email Address|Hostname / IP|Transport|Type|Processing Queue|POP3 Mailbox Queue|Service Status|Fidelity|Source Clock",
  );
  assert.ok(row?.endsWith("awaiting initial run\tB\tmx.example +90 min"), row);
});

test("a problem is told on standard error, and with --json on standard output as well", async (t) => {
  const { run } = await archiveOf(t, () => problem(404, "MESSAGE-UNKNOWN", "there is no such message"));
  const { code, out, err, json } = await run("get", "msg_1", "--json");
  assert.equal(code, 5);
  assert.equal(err, "muniment: there is no such message · no mail is lost · MESSAGE-UNKNOWN\n");
  assert.deepEqual(json(), { ok: false, problem: problem(404, "MESSAGE-UNKNOWN", "there is no such message").json });
  assert.equal(out.split("\n").length, 2);
  assert.equal((await run("get", "msg_1")).out, "");
});

test("the version is that of the package", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal((await ran(["--version"])).out, version + "\n");
});
