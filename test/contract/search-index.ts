import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { ConnectorId, Instant, MessageId, TenantId } from "#core/index.ts";
import { parseQuery, type Query } from "#query/index.ts";
import type { SearchDocument, SearchIndex } from "#search/index.ts";

const base = Date.parse("2026-01-15T12:00:00Z");

/** A document that is empty but for `parts`; `name` makes its id, and its date is a fixed one unless given. */
export function documentOf(name: string, parts: Partial<SearchDocument> = {}): SearchDocument {
  return {
    message: `msg_${name}` as MessageId,
    sentAt: base as Instant,
    subject: "",
    text: "",
    from: [],
    headerTo: [],
    headerCc: [],
    headerBcc: [],
    envelopeFrom: [],
    envelopeTo: [],
    envelopeBcc: [],
    filenames: [],
    sha256: [],
    messageId: null,
    connectors: [],
    marks: [],
    bytes: 1000,
    ...parts,
  };
}

/** The tree of a query text, read in UTC on 2026-03-01. */
export function queryOf(text: string): Query {
  const parse = parseQuery(text, { now: Date.parse("2026-03-01T12:00:00Z") as Instant, zone: "UTC" });
  assert.equal(parse.kind, "query", `${text}: ${JSON.stringify(parse)}`);
  return (parse as typeof parse & { kind: "query" }).query;
}

/** Every hit of `query`, page by page, with the totals the pages stated. */
export async function everyHit(index: SearchIndex, tenant: TenantId, query: Query, limit = 1000) {
  const messages: string[] = [];
  const totals: number[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const hits = await index.search(tenant, query, { limit, after: after ?? null });
    assert.ok(hits.messages.length <= limit);
    messages.push(...hits.messages);
    totals.push(hits.total);
    after = hits.next;
  }
  return { messages, totals };
}

/** What a case is given: an index, and two tenants that no other case uses. */
interface Case {
  index: SearchIndex;
  acme: TenantId;
  globex: TenantId;
}

/**
 * What every search index must do.
 *
 * @param open opens an empty index; the suite closes it
 */
export function searchIndexContract(name: string, open: () => Promise<SearchIndex>): void {
  let index: SearchIndex;
  let cases = 0;
  before(async () => {
    index = await open();
  });
  after(() => index.close());

  const withIndex = (title: string, body: (given: Case) => Promise<void>) => {
    const number = cases++;
    test(`${name}: ${title}`, () =>
      body({ index, acme: `acme-${number}` as TenantId, globex: `globex-${number}` as TenantId }));
  };

  /** Applies `documents` and checks which of them, by name, each query text finds. */
  const finds = (title: string, documents: SearchDocument[], found: Record<string, string>) =>
    withIndex(title, async ({ index, acme }) => {
      await index.apply(acme, documents, 1);
      for (const [text, names] of Object.entries(found)) {
        const { messages, totals } = await everyHit(index, acme, queryOf(text));
        const expected = names === "" ? [] : names.split(" ");
        assert.deepEqual(messages.map((message) => message.slice(4)).sort(), expected, text);
        assert.deepEqual(totals, [expected.length], text);
      }
    });

  withIndex("an empty index covers nothing and finds nothing", async ({ index, acme }) => {
    assert.equal(await index.indexedTo(acme), 0);
    assert.equal(await index.size(acme), 0);
    assert.deepEqual(await index.search(acme, { kind: "all" }, { limit: 10, after: null }), {
      messages: [],
      total: 0,
      next: null,
    });
    await index.drop(acme);
  });

  finds(
    "finds words in any case, accent and width, and phrases in their order",
    [
      documentOf("a", { subject: "Äpfel und Birnen", text: "The quick brown fox" }),
      documentOf("b", { subject: "apfel", text: "brown quick" }),
      documentOf("c", { subject: "σίγμας", text: "don't ｐａｎｉｃ 1234" }),
    ],
    {
      "subject:äpfel": "a b",
      "SUBJECT:APFEL": "a b",
      ΣΊΓΜΑΣ: "c",
      "subject:ΣΊΓΜΑ*": "c",
      quick: "a b",
      '"quick brown"': "a",
      '"brown quick"': "b",
      '"the fox"': "",
      "quick brown": "a b",
      "subject:quick": "",
      "body:quick": "a b",
      "body:apfel": "",
      "don't": "c",
      panic: "c",
      "1234": "c",
      "123": "",
      "12*": "c",
      "bir*": "a",
      '"und bir"*': "a",
      '"birnen und"*': "",
      nothing: "",
    },
  );

  finds(
    "finds any part of scripts written without spaces",
    [
      documentOf("a", { subject: "東京都の天気", text: "3月末" }),
      documentOf("b", { subject: "京都", text: "サーバー" }),
      documentOf("c", { subject: "안녕하세요" }),
    ],
    { 京都: "a b", 東京: "a", 京都の: "a", 東都: "", 東: "a", 都: "a b", 気: "a", "3月": "a", ｻｰﾊﾞｰ: "b", 녕하: "c" },
  );

  finds(
    "combines terms with AND, OR, NOT and brackets",
    [
      documentOf("a", { text: "red green" }),
      documentOf("b", { text: "green blue" }),
      documentOf("c", { text: "blue", marks: ["held"] }),
    ],
    {
      "red OR blue": "a b c",
      "green -red": "b",
      "-green": "c",
      "NOT (red OR blue)": "",
      "-red -green": "c",
      "{red blue} green": "a b",
      "red OR -green": "a c",
      "-(green -red)": "a c",
      "* -is:held": "a b",
      "*": "a b c",
      "is:held OR red": "a c",
      "is:duplicate": "",
    },
  );

  finds(
    "tells envelope and header, and every recipient field, apart",
    [
      documentOf("a", {
        from: ["Ann Smith <ann.smith@mail.example.com>"],
        headerTo: ["Carol <carol@example.org>"],
        headerCc: ["dave@example.org"],
        envelopeFrom: ["bounce@lists.example.com"],
        envelopeTo: ["carol@example.org", "dave@example.org", "bob@example.com"],
        envelopeBcc: ["bob@example.com"],
      }),
      documentOf("b", {
        from: ["joann@example.com"],
        headerTo: ["ann@notexample.com", "Smith"],
        headerBcc: ["Erin <erin@example.net>"],
        text: "please ask ann.smith@mail.example.com",
      }),
    ],
    {
      "recipient:bob": "a",
      "to:bob": "",
      "cc:bob": "",
      "bcc:bob": "a",
      "header-to:bob": "",
      "envelope-to:bob": "a",
      "participants:bob": "a",
      "bcc:erin": "b",
      "header-to:erin": "b",
      "envelope-to:erin": "",
      "recipient:erin": "b",
      "cc:dave": "a",
      "header-to:dave": "a",
      "from:ann": "a",
      "from:bounce": "a",
      "envelope-from:bounce": "a",
      "envelope-from:ann": "",
      "from:carol": "",
      "participants:carol": "a",
      'from:"ann smith"': "a",
      "to:ann": "b",
      "from:ann.smith@mail.example.com": "a",
      "from:smith@mail.example.com": "",
      "from:ANN.SMITH@MAIL.example.com": "a",
      "ann.smith@mail.example.com": "a b",
      "from:@mail.example.com": "a",
      "from:@example.com": "b",
      "from:@*.example.com": "a b",
      "from:ann.smith@": "a",
      "from:ann.sm*": "a",
      "from:ann.smith@ma*": "a",
      "domain:example.com": "a b",
      "domain:lists.example.com": "a",
      "domain:*.example.com": "a b",
      "domain:*.com": "a b",
      "domain:ample.com": "",
      "domain:notexample.com": "b",
      'to:"com smith"': "",
      carol: "a",
      "subject:carol": "",
    },
  );

  const digest = "0123456789abcdef".repeat(4);
  finds(
    "finds files, ids, digests, connectors and marks exactly",
    [
      documentOf("a", {
        filenames: ["Q3_Report final.PDF", "notes.txt"],
        sha256: [digest, "f".repeat(64)],
        messageId: "<CA+x y@Mail.example>",
        connectors: ["con_one" as ConnectorId, "con_two" as ConnectorId],
        marks: ["attachment", "not_journal_report"],
        text: "pdf.zip mark:held",
      }),
      documentOf("b", { filenames: ["pdf.zip"], messageId: "<ca@mail.example>", marks: ["encrypted"] }),
    ],
    {
      "filename:report": "a",
      'filename:"report final.pdf"': "a",
      'filename:"pdf notes"': "",
      "filename:*.pdf": "a",
      "filename:*.zip": "b",
      "filename:rep*": "a",
      [`sha256:${digest}`]: "a",
      [`sha256:${"F".repeat(64)}`]: "a",
      [`sha256:${digest.slice(0, 63)}0`]: "",
      "id:msg_a": "a",
      "id:msg_0": "",
      "<ca@mail.example>": "b",
      'message-id:"CA+x y@Mail.example"': "a",
      "message-id:x@mail.example": "",
      "connector:con_two": "a",
      "connector:con_on": "",
      "has:attachment": "a",
      "has:encryption": "b",
      "is:not_journal_report": "a",
      "is:held": "",
      mark: "a",
      "id msg_a": "",
    },
  );

  finds(
    "answers dates and sizes at their bounds, alone and within any combination",
    [
      documentOf("a", { sentAt: Date.parse("2025-12-31T23:59:59.999Z") as Instant, bytes: 1023, text: "x" }),
      documentOf("b", { sentAt: Date.parse("2026-01-01T00:00:00Z") as Instant, bytes: 1024, text: "x" }),
      documentOf("c", { sentAt: Date.parse("2026-01-02T00:00:00Z") as Instant, bytes: 1025, text: "y" }),
      documentOf("d", { sentAt: Date.parse("1965-01-01T00:00:00Z") as Instant, bytes: 0, text: "y" }),
    ],
    {
      "after:2026-01-01": "b c",
      "before:2026-01-01": "a d",
      "on:2026-01-01": "b",
      "date:2025-12-31..2026-01-01": "a b",
      "before:1970": "d",
      "larger:1k": "c",
      "smaller:1k": "a d",
      "size:1k": "b",
      "x after:2026-01-01": "b",
      "x size:<=1k": "a b",
      "x OR on:2026-01-02": "a b c",
      "-after:2026-01-01": "a d",
      "-(x larger:1023)": "a c d",
      "(y larger:1) OR (x before:2026-01-01)": "a c",
      "after:2026-01-01 before:2026-01-01": "",
    },
  );

  withIndex("takes nothing of a query's text for syntax", async ({ index, acme }) => {
    await index.apply(acme, [documentOf("a", { from: [`"o'x"*(y)@a.example`], text: "NEAR near" })], 1);
    const words = [
      `"o'x"*(y)@a.example`,
      '"',
      "'; DROP TABLE documents; --",
      "a* OR b",
      "{c_body} : near",
      "NEAR(a b)",
      "|",
    ];
    for (const word of words) {
      for (const field of ["any", "from", "body", "domain", "id"] as const) {
        const found = await everyHit(index, acme, { kind: "text", field, words: [word], prefix: false });
        const isThere = word === words[0] && field !== "body" && field !== "id";
        assert.deepEqual(found.messages, isThere ? ["msg_a"] : [], `${field} ${word}`);
      }
    }
    assert.equal((await everyHit(index, acme, queryOf("near"))).messages.length, 1);
  });

  withIndex("stands the largest queries that can be read", async ({ index, acme }) => {
    await index.apply(acme, [documentOf("a", { text: "w1 deep" }), documentOf("b", { text: "w2", bytes: 5 })], 1);
    const nested = (inner: string) =>
      Array.from({ length: 24 }).reduce<string>((text) => `(w2 OR (w1 ${text}))`, inner);
    for (const [text, total] of [
      [Array.from({ length: 256 }, (_, at) => `w${at}`).join(" OR "), 2],
      [Array.from({ length: 256 }, (_, at) => `-w${at + 2}`).join(" "), 1],
      [`"${"w1 ".repeat(256)}"`, 0],
      [nested("deep"), 2],
      [nested("-larger:10"), 1],
      [nested("w9"), 1],
    ] as const) {
      assert.deepEqual((await everyHit(index, acme, queryOf(text))).totals, [total]);
    }
  });

  withIndex("a later document of a message replaces the earlier one", async ({ index, acme }) => {
    await index.apply(acme, [documentOf("a", { subject: "draft" }), documentOf("b")], 1);
    const later = documentOf("a", { subject: "final", sentAt: (base + 5000) as Instant, bytes: 7 });
    await index.apply(acme, [later], 2);
    assert.equal(await index.size(acme), 2);
    assert.deepEqual((await everyHit(index, acme, queryOf("draft"))).messages, []);
    assert.deepEqual((await everyHit(index, acme, queryOf("final size:7"))).messages, ["msg_a"]);
    assert.deepEqual((await everyHit(index, acme, queryOf("*"))).messages, ["msg_a", "msg_b"]);
    await index.apply(acme, [documentOf("c", { text: "one" }), documentOf("c", { text: "two" })], 3);
    assert.deepEqual((await everyHit(index, acme, queryOf("one OR two"))).totals, [1]);
    assert.deepEqual((await everyHit(index, acme, queryOf("one"))).messages, []);
  });

  withIndex("applying again changes nothing, and what is covered never goes back", async ({ index, acme }) => {
    const documents = [documentOf("a", { text: "x" }), documentOf("b", { text: "x" })];
    await index.apply(acme, documents, 7);
    const before = await everyHit(index, acme, queryOf("x"));
    await index.apply(acme, documents, 7);
    await index.apply(acme, documents, 3);
    await index.apply(acme, [], 7);
    assert.equal(await index.indexedTo(acme), 7);
    assert.equal(await index.size(acme), 2);
    assert.deepEqual(await everyHit(index, acme, queryOf("x")), before);
    await index.apply(acme, [], 9);
    assert.equal(await index.indexedTo(acme), 9);
  });

  withIndex(
    "gives the newest first, page by page without gaps or doubles, also among equal dates",
    async ({ index, acme }) => {
      const documents = Array.from({ length: 60 }, (_, number) =>
        // Forty share one instant, the rest lie a millisecond apart and come in no order.
        documentOf(`n${number}`, {
          text: "x",
          sentAt: (base + (number < 40 ? 0 : ((number * 7) % 20) + 1)) as Instant,
        }),
      );
      await index.apply(acme, documents, 1);
      const whole = await everyHit(index, acme, queryOf("x"));
      assert.deepEqual([...whole.messages].sort(), documents.map((document) => document.message as string).sort());
      const sentAt = new Map(documents.map((document) => [document.message as string, document.sentAt]));
      const times = whole.messages.map((message) => sentAt.get(message)!);
      assert.deepEqual(
        times,
        [...times].sort((a, b) => b - a),
      );
      for (const text of ["x", "*", "x larger:1", "x OR larger:1"]) {
        for (const limit of [1, 7, 60]) {
          const paged = await everyHit(index, acme, queryOf(text), limit);
          assert.deepEqual(paged.messages, whole.messages, `${text} by ${limit}`);
          assert.deepEqual(new Set(paged.totals), new Set([60]));
        }
      }
    },
  );

  withIndex("a page goes on where it ended when newer mail has come", async ({ index, acme }) => {
    const at = (number: number) => documentOf(`n${number}`, { sentAt: (base + number * 1000) as Instant });
    await index.apply(acme, [at(1), at(2), at(3)], 1);
    const first = await index.search(acme, { kind: "all" }, { limit: 2, after: null });
    await index.apply(acme, [at(4)], 2);
    const second = await index.search(acme, { kind: "all" }, { limit: 2, after: first.next });
    assert.deepEqual(
      [first.messages, second.messages, second.total, second.next],
      [["msg_n3", "msg_n2"], ["msg_n1"], 4, null],
    );
  });

  withIndex("refuses a page that it never gave out", async ({ index, acme }) => {
    for (const after of ["", "x", "-1", "1.5", "99999999999999999"]) {
      await assert.rejects(index.search(acme, { kind: "all" }, { limit: 1, after }), { code: "SEARCH-CURSOR" });
    }
    for (const limit of [0, 1001, 1.5]) {
      await assert.rejects(index.search(acme, { kind: "all" }, { limit, after: null }), { code: "INTERNAL" });
    }
    await index.search(acme, { kind: "all" }, { limit: 1000, after: null });
  });

  withIndex("keeps tenants apart, and drops one without the other", async ({ index, acme, globex }) => {
    await index.apply(acme, [documentOf("a", { text: "shared" })], 5);
    await index.apply(globex, [documentOf("b", { text: "shared" })], 6);
    assert.deepEqual((await everyHit(index, acme, queryOf("shared"))).messages, ["msg_a"]);
    assert.deepEqual((await everyHit(index, globex, queryOf("id:msg_a"))).messages, []);
    await index.drop(acme);
    assert.deepEqual([await index.indexedTo(acme), await index.size(acme)], [0, 0]);
    assert.deepEqual((await everyHit(index, acme, queryOf("*"))).messages, []);
    assert.deepEqual([await index.indexedTo(globex), await index.size(globex)], [6, 1]);
    await index.apply(acme, [documentOf("a", { text: "again" })], 5);
    assert.deepEqual((await everyHit(index, acme, queryOf("again"))).messages, ["msg_a"]);
  });
}
