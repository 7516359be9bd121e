import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { Failure, type Instant, type TenantId } from "#core/index.ts";
import type { Query, QueryField } from "#query/index.ts";
import { openEmbeddedSearch } from "#search/embedded.ts";
import { EmbeddedEngine } from "#search/embedded-engine.ts";
import { openIndexFile } from "#search/embedded-file.ts";
import { TenantIndex } from "#search/embedded-tenant.ts";
import type { SearchDocument } from "#search/index.ts";
import { openMemorySearch } from "#search/memory.ts";
import { documentOf, everyHit, queryOf, searchIndexContract } from "./search-index.ts";

const acme = "acme" as TenantId;

searchIndexContract("memory", async () => openMemorySearch());

searchIndexContract("embedded", async () => {
  const directory = await newDirectory();
  const index = await openEmbeddedSearch({ directory });
  return { ...index, close: () => index.close().finally(() => rm(directory, { recursive: true })) };
});

test("embedded: what was applied is there after reopening", async () => {
  await inDirectory(async (directory) => {
    const first = await openEmbeddedSearch({ directory });
    await first.apply(acme, [documentOf("a", { text: "kept" })], 4);
    await first.close();
    assert.deepEqual(await readdir(join(directory, "acme")), ["index-1.sqlite"]);
    const second = await openEmbeddedSearch({ directory });
    assert.equal(await second.indexedTo(acme), 4);
    assert.deepEqual((await everyHit(second, acme, queryOf("kept"))).messages, ["msg_a"]);
    await second.drop(acme);
    await second.close();
    await second.close();
    assert.deepEqual(await readdir(directory), []);
    await assert.rejects(second.size(acme), { code: "SEARCH-BROKEN", retry: "later" });
  });
});

test("embedded: a file that is damaged or of another layout is begun anew, said so, and filled from 0", async () => {
  const damages: Record<string, (path: string) => Promise<void> | void> = {
    "no database": (path) => writeFile(path, "this was never a database, whatever its name says"),
    "cut short": (path) => truncate(path, 6000),
    "another layout": (path) => {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 99");
      database.close();
    },
    "half a layout": (path) => {
      const database = new DatabaseSync(path);
      database.exec("DROP TABLE applied");
      database.close();
    },
  };
  for (const [damage, doDamage] of Object.entries(damages)) {
    await inDirectory(async (directory) => {
      const documents = Array.from({ length: 200 }, (_, at) => documentOf(`n${at}`, { text: `word${at} same` }));
      const first = new EmbeddedEngine(directory, () => {});
      first.apply(acme, documents, 4);
      first.close();
      await doDamage(join(directory, "acme", "index-1.sqlite"));
      const told: TenantId[] = [];
      const second = new EmbeddedEngine(directory, (tenant) => told.push(tenant));
      // Going on behind what was lost would leave a gap that nobody sees.
      assert.throws(() => second.apply(acme, [], 5), { code: "SEARCH-BROKEN" }, damage);
      assert.equal(second.indexedTo(acme), 0, damage);
      assert.deepEqual(told, [acme], damage);
      second.apply(acme, documents, 4);
      assert.equal(second.search(acme, queryOf("same"), { limit: 1, after: null }).total, 200);
      second.close();
    });
  }
});

test("embedded: what the thread meets reaches the caller: the failure, and the word of a rebuilt index", async () => {
  await inDirectory(async (directory) => {
    await mkdir(join(directory, "acme"));
    await writeFile(join(directory, "acme", "index-1.sqlite"), "this was never a database, whatever its name says");
    await writeFile(join(directory, "globex"), "a file where the directory of a tenant belongs");
    const told: string[] = [];
    const index = await openEmbeddedSearch({ directory, log: (event, { tenant }) => told.push(`${event} ${tenant}`) });
    try {
      await assert.rejects(
        index.size("globex" as TenantId),
        (error) => error instanceof Failure && error.code === "SEARCH-BROKEN" && !error.publicText.includes(directory),
      );
      assert.equal(await index.indexedTo(acme), 0);
      assert.deepEqual(told, ["search-index-rebuilt acme"]);
    } finally {
      await index.close();
    }
  });
});

test("embedded: damage met while searching fails that search, and the next call finds an empty index", async () => {
  await inDirectory(async (directory) => {
    const told: TenantId[] = [];
    const engine = new EmbeddedEngine(directory, (tenant) => told.push(tenant));
    const documents = Array.from({ length: 500 }, (_, at) => documentOf(`n${at}`, { text: `word${at} same` }));
    engine.apply(acme, documents, 4);
    engine.close();
    const path = join(directory, "acme", "index-1.sqlite");
    const database = new DatabaseSync(path, { defensive: false });
    // Leaves of the inverted index made worthless; the file as such stays sound.
    database.exec("UPDATE words_data SET block = zeroblob(length(block)) WHERE id > 10");
    database.close();
    assert.throws(
      () => engine.search(acme, queryOf("same"), { limit: 10, after: null }),
      (error) => error instanceof Failure && error.code === "SEARCH-BROKEN" && error.retry === "later",
    );
    assert.deepEqual(told, [acme]);
    assert.throws(() => engine.apply(acme, [], 5), { code: "SEARCH-BROKEN" });
    assert.equal(engine.indexedTo(acme), 0);
    engine.apply(acme, documents, 5);
    assert.equal(engine.search(acme, queryOf("same"), { limit: 10, after: null }).total, 500);
    engine.close();
  });
});

test("embedded: more tenants than files kept open all answer", async () => {
  await inDirectory(async (directory) => {
    const engine = new EmbeddedEngine(directory, () => {}, 2);
    const tenants = Array.from({ length: 4 }, (_, at) => `tenant-${at}` as TenantId);
    for (const tenant of tenants) engine.apply(tenant, [documentOf("a")], 1);
    for (const tenant of tenants) assert.equal(engine.size(tenant), 1);
    engine.close();
  });
});

test("embedded: a tenant id that is none never becomes a path", async () => {
  await inDirectory(async (directory) => {
    const engine = new EmbeddedEngine(directory, () => {});
    assert.throws(() => engine.size("../x" as TenantId), { code: "INTERNAL" });
    assert.throws(() => engine.drop(".." as TenantId), { code: "INTERNAL" });
  });
});

test("both engines give equal answers to any query over any documents", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(batches, { maxLength: 3 }),
      fc.array(queries, { minLength: 12, maxLength: 12 }),
      async (applied, asked) => {
        const index = new TenantIndex(openIndexFile(":memory:").database);
        const twin = openMemorySearch();
        for (const [at, batch] of applied.entries()) {
          index.apply(batch, at);
          await twin.apply(acme, batch, at);
        }
        assert.equal(index.size(), await twin.size(acme));
        for (const query of asked) {
          for (let after: string | null | undefined; after !== null; ) {
            const page = { limit: 4, after: after ?? null };
            const hits = await twin.search(acme, query, page);
            assert.deepEqual(index.search(query, page), hits);
            after = hits.next;
          }
        }
        index.close();
      },
    ),
    { seed: 2026, numRuns: 200 },
  );
});

const word = fc.constantFrom(
  "red",
  "Red",
  "rédact",
  "blue",
  "東京",
  "東京都",
  "都",
  "3月",
  "x",
  "42",
  "ann",
  "|",
  "=every",
  "",
);
const addresses = fc.constantFrom(
  "Ann Red <ann.red@mail.example.com>",
  "ann@example.com",
  "BOB@example.com",
  "bob",
  "<>",
  "a@b@c",
  '"o\'x y"@x.example',
);
const text = fc.array(word, { maxLength: 5 }).map((words) => words.join(" "));
const someAddresses = fc.array(addresses, { maxLength: 2 });
const digests = ["a".repeat(64), "b".repeat(64)];
const sentAt = fc.constantFrom(0, 1, 999, 1000, 86_400_000, -5000, 8e15, -8e15).map((at) => at as Instant);

const documents: fc.Arbitrary<SearchDocument> = fc
  .record({
    name: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
    sentAt,
    subject: text,
    text,
    from: someAddresses,
    headerTo: someAddresses,
    headerCc: someAddresses,
    headerBcc: someAddresses,
    envelopeFrom: someAddresses,
    envelopeTo: someAddresses,
    envelopeBcc: someAddresses,
    filenames: fc.array(fc.constantFrom("red.pdf", "blue_red.PDF", "noext", ".x", "a."), { maxLength: 2 }),
    sha256: fc.subarray(digests),
    messageId: fc.constantFrom(null, "<a@b>", "<A@b>", "broken id"),
    marks: fc.subarray(["held", "attachment"]),
    bytes: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ name, ...parts }) => documentOf(name, parts));
const batches = fc.array(documents, { minLength: 1, maxLength: 8 });

const fields = fc.constantFrom<QueryField>(
  "any",
  "any",
  "subject",
  "body",
  "from",
  "to",
  "cc",
  "bcc",
  "header-to",
  "recipient",
  "envelope-to",
  "envelope-from",
  "participants",
  "domain",
  "filename",
  "message-id",
  "sha256",
  "id",
);
const asked = fc.constantFrom(
  ...[
    "red",
    "re",
    "blue",
    "東",
    "京",
    "都",
    "東京都",
    "3月",
    "42",
    "ann",
    "ann@example.com",
    "ann@",
    "@example.com",
    "bob",
  ],
  ...[".example.com", ".pdf", "a@b", "msg_a", digests[0]!, "=every", "|", '"', "x y"],
);
const leaves: fc.Arbitrary<Query> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("text" as const),
      field: fields,
      words: fc.array(asked, { maxLength: 2 }),
      prefix: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("mark" as const), mark: fc.constantFrom("held", "attachment", "no") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("sent" as const), from: fc.option(sentAt), before: fc.option(sentAt) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("size" as const),
      min: fc.option(fc.integer({ min: 0, max: 5 })),
      max: fc.option(fc.integer({ min: 0, max: 5 })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "all" as const }) },
);
const queries: fc.Arbitrary<Query> = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("query"), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not" as const), part: tie("query") }),
  ),
})).query;

async function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "muniment-search-"));
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await newDirectory();
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
