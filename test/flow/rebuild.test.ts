import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { corpusFolder } from "../corpus.ts";
import { assertSound } from "../support/archive.ts";
import { testFolder } from "../support/folder.ts";
import { addConnector, muniment, munimentJson, startServer, type TestServer } from "../support/server.ts";
import { type Status, settled } from "../support/settled.ts";
import { sendAll } from "../support/smtp-client.ts";

interface Answer {
  total: number;
  data: {
    id: string;
    sha256: string;
    subject: string;
    from: string;
    date: string | null;
    state: string;
    receipts: number;
  }[];
}

/** Asks over HTTP, which is quicker for hundreds of queries. */
async function asker(data: string, server: TestServer): Promise<(query: string) => Promise<Answer>> {
  const { token } = await munimentJson<{ token: string }>(["token", "create", "--data", data, "--role", "admin"]);
  return async (query) => {
    const url = `http://${server.http}/api/v1/messages?limit=200&q=${encodeURIComponent(query)}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, query);
    return (await answer.json()) as Answer;
  };
}

/** 200 queries that have answers, made from what the archive holds. */
async function queriesFrom(ask: (query: string) => Promise<Answer>): Promise<string[]> {
  const queries = new Set<string>(["*", "has:attachment", "is:duplicate", "linux", "subject:patch -kernel"]);
  const { data } = await ask("*");
  for (const item of data) {
    const words = item.subject.match(/[a-z]{4,}/gi) ?? [];
    const from = /[\w.+-]+@[\w.-]+/.exec(item.from)?.[0];
    queries.add(`sha256:${item.sha256}`);
    if (from !== undefined) queries.add(`from:${from}`);
    for (const word of words.slice(0, 2)) queries.add(`subject:${word.toLowerCase()}`);
    if (words.length > 1) queries.add(`"${words.slice(0, 2).join(" ")}"`);
    if (item.date !== null) queries.add(`on:${item.date.slice(0, 10)}`);
  }
  const answered: string[] = [];
  for (const query of queries) {
    if (answered.length === 200) break;
    if ((await ask(query)).total > 0) answered.push(query);
  }
  return answered;
}

/** Every receipt with all its fields, from the catalogue's own file. */
function receiptsOf(data: string): unknown[] {
  const database = new DatabaseSync(join(data, "catalogue", "tenants", "main.sqlite"));
  try {
    const rows = database.prepare("select * from receipts order by receipt").all();
    const messages = database.prepare("select * from messages order by id").all();
    const recipients = database
      .prepare("select message, receipt, address, role, relation, via, source from recipients order by 2, 3, 4")
      .all();
    return [...rows, ...messages, ...recipients].map((row) => ({ ...(row as object) }));
  } finally {
    database.close();
  }
}

/** Of an archive whose server has ended: what merging had written by then and not entered is entered by whoever opens it next. */
async function receiptsAtRest(data: string): Promise<unknown[]> {
  await munimentJson(["status", "--data", data]);
  return receiptsOf(data);
}

test("a lost catalogue and a lost index come back from packs and keys alone, with every receipt and the same answers", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  let server = await startServer(data);
  context.after(() => server.kill());
  await addConnector(data, "eej", "eej@archive.example");
  await munimentJson(["import", join(corpusFolder, "volume-linux-integrity"), "--data", data]);
  await munimentJson(["import", join(corpusFolder, "journal-ace"), "--type", "eej", "--data", data]);
  const twice = Buffer.from("From: a@test.example\r\nSubject: twice\r\n\r\nsame bytes\r\n");
  await sendAll(server.smtpPort, "eej@archive.example", [
    twice,
    twice,
    Buffer.from("X-MS-Journal-Report:\r\n\r\nno report\r\n"),
  ]);
  const before = await settled(data);
  let ask = await asker(data, server);
  const queries = await queriesFrom(ask);
  assert.equal(queries.length, 200);
  const answers = new Map<string, Answer>();
  for (const query of queries) answers.set(query, await ask(query));
  assert.equal(await server.stop(), 0);
  let receipts = await receiptsAtRest(data);

  async function compare(): Promise<void> {
    assert.deepEqual(receiptsOf(data), receipts);
    server = await startServer(data);
    const after = await settled(data);
    const counts = ({ received, archived, duplicate, quarantined, held, messages }: Status) => [
      received,
      archived,
      duplicate,
      quarantined,
      held,
      messages,
    ];
    assert.deepEqual(counts(after), counts(before));
    ask = await asker(data, server);
    for (const query of queries) {
      const { total, data: items } = await ask(query);
      assert.deepEqual({ total, items }, { total: answers.get(query)?.total, items: answers.get(query)?.data }, query);
    }
    assert.equal(await server.stop(), 0);
  }

  rmSync(join(data, "search"), { recursive: true });
  const search = await munimentJson<{ messages: number }>(["rebuild", "search", "--data", data]);
  assert.equal(search.messages, before.messages);
  await compare();

  // The server may have merged packs meanwhile; what is lost is what stands now.
  receipts = await receiptsAtRest(data);
  rmSync(join(data, "catalogue"), { recursive: true });
  rmSync(join(data, "search"), { recursive: true });
  const rebuilt = await munimentJson<{ receipts: number; messages: number; connectorsSeen: string[] }>([
    "rebuild",
    "catalogue",
    "--data",
    data,
  ]);
  assert.deepEqual(
    [rebuilt.receipts, rebuilt.messages, rebuilt.connectorsSeen.length],
    [before.received, before.messages, 1],
  );
  await compare();
  console.log(`rebuilt ${rebuilt.receipts} receipts of ${rebuilt.messages} messages; 200 queries answer the same`);
  await assertSound(data);
});

test("rebuild catalogue is refused while a server runs, and says so", async (context) => {
  const data = join(testFolder(context), "data");
  await munimentJson(["init", "--data", data, "--no-input"]);
  const server = await startServer(data);
  context.after(() => server.kill());
  const { code, stderr } = await muniment(["rebuild", "catalogue", "--data", data]);
  assert.equal(code, 11);
  assert.match(stderr, /in use by process \d+/);
  assert.equal(await server.stop(), 0);
});
