import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Instant } from "#core/index.ts";
import { operatorNames } from "./operators.ts";
import { parseQuery, queryBytesMax, queryDepthMax, queryTermsMax } from "./parse.ts";
import type { Query, QueryField } from "./query.ts";

const context = { now: Date.parse("2026-03-01T12:00:00Z") as Instant, zone: "Europe/Berlin" };

/** A tree in short: field=words, & | ! with brackets. */
function brief(query: Query): string {
  switch (query.kind) {
    case "all":
      return "all";
    case "and":
      return `(${query.parts.map(brief).join(" & ")})`;
    case "or":
      return `(${query.parts.map(brief).join(" | ")})`;
    case "not":
      return `!${brief(query.part)}`;
    case "text":
      return `${query.field}=${query.words.join("_")}${query.prefix ? "*" : ""}`;
    case "sent":
      return `sent[${iso(query.from)},${iso(query.before)})`;
    case "size":
      return `size[${query.min},${query.max}]`;
    case "mark":
      return `mark=${query.mark}`;
  }
}

function iso(instant: Instant | null): string {
  return instant === null ? "" : new Date(instant).toISOString().slice(0, 16);
}

function check(text: string, tree: string, readAs?: string) {
  const parse = parseQuery(text, context);
  assert.equal(parse.kind === "query" ? brief(parse.query) : JSON.stringify(parse.problem), tree, text);
  if (parse.kind === "query" && readAs !== undefined) assert.equal(parse.readAs, readAs, text);
}

function checkProblem(text: string, code: string, column: number, suggestion: string | null | undefined = undefined) {
  const parse = parseQuery(text, context);
  assert.equal(parse.kind, "problem", text);
  if (parse.kind !== "problem") return;
  assert.deepEqual([parse.problem.code, parse.problem.column], [code, column], text);
  assert.notEqual(parse.problem.message, "");
  if (suggestion !== undefined) assert.equal(parse.problem.suggestion, suggestion, text);
}

test("words are joined by AND, which binds closer than OR, and the echo shows it", () => {
  for (const [text, tree, readAs] of [
    ["", "all", "everything"],
    ["  ", "all", "everything"],
    ["*", "all", "everything"],
    ["invoice", "any=invoice", "invoice"],
    ["invoice march", "(any=invoice & any=march)", "invoice AND march"],
    ["a AND b", "(any=a & any=b)", "a AND b"],
    ["a b OR c", "((any=a & any=b) | any=c)", "(a AND b) OR c"],
    ["a OR b c", "(any=a | (any=b & any=c))", "a OR (b AND c)"],
    ["(a OR b) c", "((any=a | any=b) & any=c)", "(a OR b) AND c"],
    ["((a))", "any=a", "a"],
    ["{a b} c", "((any=a | any=b) & any=c)", "(a OR b) AND c"],
    ["{a AND b c}", "((any=a & any=b) | any=c)", "(a AND b) OR c"],
    ["-a", "!any=a", "NOT a"],
    ["a -b NOT c", "(any=a & !any=b & !any=c)", "a AND NOT b AND NOT c"],
    ["-(a b)", "!(any=a & any=b)", "NOT (a AND b)"],
    ["NOT NOT a", "any=a", "a"],
    ["--a", "any=a", "a"],
    ["-{a b}", "!(any=a | any=b)", "NOT (a OR b)"],
    ['-"a b"', "!any=a_b", 'NOT "a b"'],
    ["and or not", "(any=and & any=or & any=not)", "and AND or AND not"],
    ["* -is:held", "(all & !mark=held)", "everything AND NOT is:held"],
  ] as const) {
    check(text, tree, readAs);
  }
});

test("words are folded, split and kept in order", () => {
  for (const [text, tree] of [
    ["Äpfel", "any=apfel"],
    ["ΣΊΓΜΑΣ", "any=σιγμασ"],
    ["don't", "any=don_t"],
    ['"Annual  Report"', "any=annual_report"],
    ["“Annual Report”", "any=annual_report"],
    ["„Annual Report“", "any=annual_report"],
    ["inv*", "any=inv*"],
    ["foo-inv*", "any=foo_inv*"],
    ['"annual rep"*', "any=annual_rep*"],
    ['"annual *"', "any=annual"],
    ["東京都", "any=東京_京都"],
    ["R & D", "(any=r & any=d)"],
    ["a -- b", "(any=a & any=b)"],
    ["a-b", "any=a_b"],
    ["report(1).pdf", "(any=report & any=1 & any=pdf)"],
  ] as const) {
    check(text, tree);
  }
});

test("what cannot be an operator before a colon is text", () => {
  for (const [text, tree] of [
    ["12:30", "any=12_30"],
    ["http://x.example", "any=http_x_example"],
    ["fe80::1", "any=fe80_1"],
    ["cafe::1", "any=cafe_1"],
    ["C:\\temp", "any=c_temp"],
    ["md5:abc", "any=md5_abc"],
    ["Größe:3", "any=große_3"],
    ["Re: contract", "(any=re & any=contract)"],
    ["AW: Fwd: x", "(any=aw & any=fwd & any=x)"],
    ["TR: contrat", "(any=tr & any=contrat)"],
    ['"foo:bar"', "any=foo_bar"],
  ] as const) {
    check(text, tree);
  }
});

test("fields take words, phrases, prefixes and groups", () => {
  for (const [text, tree, readAs] of [
    ["subject:äpfel", "subject=apfel", "subject:äpfel"],
    ['SUBJECT:"a b"', "subject=a_b", 'subject:"a b"'],
    ["subject:(a OR b)", "(subject=a | subject=b)", "subject:a OR subject:b"],
    ["subject:(a -b)", "(subject=a & !subject=b)", "subject:a AND NOT subject:b"],
    ["from:{ann bob} x", "((from=ann | from=bob) & any=x)", "(from:ann OR from:bob) AND x"],
    ["-body:x", "!body=x", "NOT body:x"],
    ["subjecttitle:x", "subject=x", "subject:x"],
    ["recipients:bob", "recipient=bob", "recipient:bob"],
    ["filename:*.PDF", "filename=.pdf", "filename:*.PDF"],
    ["filename:q3_rep*", "filename=q3_rep*", "filename:q3_rep*"],
    ["is:(held OR partial)", "(mark=held | mark=partial)", "is:held OR is:partial"],
    ["is:not-journal-report", "mark=not_journal_report", "is:not_journal_report"],
    ["has:attachment", "mark=attachment", "has:attachment"],
    ["is:ambiguous", "mark=ambiguous", "is:ambiguous"],
    ["is:source-clock", "mark=source_clock", "is:source_clock"],
    ["defect:Base64-Junk", "mark=defect_base64_junk", "defect:base64_junk"],
    ["role:bcc", "mark=role_bcc", "role:bcc"],
    ["relation:expanded", "mark=relation_expanded", "relation:expanded"],
    ["via:<List@Example.com>", "mark=via_list@example.com", "via:<List@Example.com>"],
    ["direction:Inbound", "mark=direction_inbound", "direction:inbound"],
    ["has:encryption", "mark=encrypted", "has:encryption"],
    ["has:signature", "mark=signed", "has:signature"],
    ["is:encrypted-no-key", "mark=encrypted_no_key", "is:encrypted_no_key"],
    ["is:signed_bad", "mark=signed_bad", "is:signed_bad"],
    ["hasattachments:yes", "mark=attachment", "has:attachment"],
    ["hasattachment:false", "!mark=attachment", "NOT has:attachment"],
  ] as const) {
    check(text, tree, readAs);
  }
  const fields: QueryField[] = ["from", "to", "cc", "bcc", "header-to", "recipient", "envelope-to", "envelope-from"];
  for (const field of [...fields, "participants", "subject", "body", "filename"]) check(`${field}:ann`, `${field}=ann`);
});

test("an address is one word; its parts can be asked for", () => {
  for (const [text, tree] of [
    ["ann@Example.com", "any=ann@example.com"],
    ["from:<Ann@Example.com>", "from=ann@example.com"],
    ['from:"Ann <ann@example.com>"', "from=ann@example.com"],
    ["mail,ann@example.com.", "any=mail,ann@example.com"],
    ["from:ann.smith", "from=ann_smith"],
    ["from:@example.com", "from=@example.com"],
    ["from:*@example.com", "from=@example.com"],
    ["from:@*.example.com", "from=.example.com"],
    ["from:ann@", "from=ann@*"],
    ["from:ann@ex*", "from=ann@ex*"],
    ["domain:Example.com.", "domain=@example.com"],
    ["domain:@example.com", "domain=@example.com"],
    ["domain:*.example.com", "domain=.example.com"],
    ["subject:ann@example.com", "subject=ann_example_com"],
  ] as const) {
    check(text, tree);
  }
});

test("ids and digests are exact", () => {
  const digest = "0123456789abcdef".repeat(4);
  check("<CA+x@Mail.example>", "message-id=ca+x@mail.example", "message-id:<CA+x@Mail.example>");
  check("message-id:x@y", "message-id=x@y");
  check("rfc822msgid:<x@y>", "message-id=x@y", "message-id:<x@y>");
  check(`sha256:${digest.toUpperCase()}`, `sha256=${digest}`);
  check("id:msg_0abc", "id=msg_0abc");
  check("connector:con_import", "connector=con_import");
});

test("dates are days of the viewer's zone: after: includes, before: excludes", () => {
  for (const [text, tree, readAs] of [
    ["after:2026-01-01", "sent[2025-12-31T23:00,)", "sent from 2026-01-01 00:00 Europe/Berlin (UTC+01:00)"],
    ["before:2026-07-01", "sent[,2026-06-30T22:00)", "sent before 2026-07-01 00:00 Europe/Berlin (UTC+02:00)"],
    ["after:2026/1/2", "sent[2026-01-01T23:00,)"],
    ["on:2026-03-29", "sent[2026-03-28T23:00,2026-03-29T22:00)"],
    ["on:2026-02", "sent[2026-01-31T23:00,2026-02-28T23:00)"],
    ["on:today", "sent[2026-02-28T23:00,2026-03-01T23:00)"],
    ["on:yesterday", "sent[2026-02-27T23:00,2026-02-28T23:00)"],
    ["after:7d", "sent[2026-02-21T23:00,)"],
    ["date:2026-01-01..2026-01-31", "sent[2025-12-31T23:00,2026-01-31T23:00)"],
    ["date:2025..", "sent[2024-12-31T23:00,)"],
    ["date:..2025", "sent[,2025-12-31T23:00)"],
    ["sent:2026-01-01..2026-01-01", "sent[2025-12-31T23:00,2026-01-01T23:00)"],
    ["sent>=2026-01-01", "sent[2025-12-31T23:00,)"],
    ["sent>2026-01-01", "sent[2026-01-01T23:00,)"],
    ["date:<2026-01-01", "sent[,2025-12-31T23:00)"],
    ["date:<=2026-01-01", "sent[,2026-01-01T23:00)"],
    ["after:2026-01-01T10:30Z", "sent[2026-01-01T10:30,)"],
    ["after:2026-01-01T10:30+05:30", "sent[2026-01-01T05:00,)"],
    ["older_than:7d", "sent[,2026-02-22T12:00)", "sent before 2026-02-22 13:00 Europe/Berlin (UTC+01:00)"],
    ["newer_than:1m", "sent[2026-02-01T12:00,)"],
    ["newer_than:12h", "sent[2026-03-01T00:00,)"],
  ] as const) {
    check(text, tree, readAs);
  }
});

test("sizes are bytes, with units of 1024", () => {
  for (const [text, tree, readAs] of [
    ["size:>10mb", "size[10485761,null]", "size at least 10,485,761 bytes"],
    ["size>=10MB", "size[10485760,null]"],
    ["size:<1k", "size[null,1023]"],
    ["size:<=1KiB", "size[null,1024]"],
    ["size:1kb..2kb", "size[1024,2048]", "size at least 1,024 bytes and at most 2,048 bytes"],
    ["size:..2kb", "size[null,2048]"],
    ["size:1.5k", "size[1536,1536]", "size exactly 1,536 bytes"],
    ["larger:1m", "size[1048577,null]"],
    ["smaller:100", "size[null,99]"],
  ] as const) {
    check(text, tree, readAs);
  }
});

test("what is not understood is refused with column and suggestion", () => {
  for (const [text, code, column, suggestion] of [
    ["foo:bar", "unknown_operator", 0, '"foo:bar"'],
    ["x form:anna", "unknown_operator", 2, "from:anna"],
    ["form: anna", "unknown_operator", 0, "from:"],
    ["subjet:x", "unknown_operator", 0, "subject:x"],
    ["mailto:a@b.example", "unknown_operator", 0, '"mailto:a@b.example"'],
    ["after:01/04/2026", "bad_date", 6, "after:2026-04-01 or after:2026-01-04"],
    ["after:31/12/2026", "bad_date", 6, "after:2026-12-31"],
    ["date:01.04.2026..2026-05-01", "bad_date", 5, "date:2026-04-01..2026-05-01 or date:2026-01-04..2026-05-01"],
    ["date:2026-02-01..2026-01-01", "bad_date", 5, "date:2026-01-01..2026-02-01"],
    ["before:2026-02-30", "bad_date", 7, null],
    ["on:2026-13-01", "bad_date", 3, null],
    ["on:0999-01-01", "bad_date", 3, null],
    ["after:tuesday", "bad_date", 6, null],
    ["date:..", "bad_date", 5, null],
    ["older_than:7", "bad_date", 11, "older_than:7d"],
    ["older_than:9999y", "bad_date", 11, "older_than:7d"],
    ["subject:", "empty_value", 0, null],
    ["subject: invoice", "empty_value", 0, "subject:invoice"],
    ['subject:""', "empty_value", 8],
    ['""', "empty_value", 0],
    ["subject:()", "empty_value", 9],
    ["()", "empty_value", 1],
    ["(a", "unbalanced", 0],
    ["(a}", "unbalanced", 0],
    ["a)", "unbalanced", 1],
    [")", "unbalanced", 0],
    ['x "a b', "unbalanced", 2, '"a b"'],
    ["a AND", "unbalanced", 5],
    ["OR a", "unbalanced", 0],
    ["a OR OR b", "unbalanced", 5],
    ["(a NOT)", "unbalanced", 6],
    ["&", "bad_value", 0],
    ["subject:!!", "bad_value", 8],
    ["i*", "bad_value", 0, "i"],
    ["te*t", "bad_value", 0],
    ["*foo", "bad_value", 0],
    ["from:a*b@x.example", "bad_value", 5],
    ["domain:*", "bad_value", 7],
    ["domain:a@b", "bad_value", 7],
    ["is:hold", "bad_value", 3, "is:held"],
    ["has:nothing", "bad_value", 4, null],
    ["hasattachments:maybe", "bad_value", 15, "hasattachments:yes"],
    ["size:10x", "bad_value", 5],
    ["size:2k..1k", "bad_value", 5, "size:1k..2k"],
    ["sha256:12", "bad_value", 7],
    ["id:12", "bad_value", 3],
    ["connector:Exchange", "bad_value", 10],
    ["subject:(a from:b)", "bad_value", 11],
    ["subject:=a", "bad_value", 8, 'subject:"a"'],
    ["a NEAR/5 b", "bad_value", 2],
    ['"a b"~5', "bad_value", 0],
  ] as const) {
    checkProblem(text, code, column, suggestion);
  }
});

test("length, depth and number of terms are bounded", () => {
  const words = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`).join(" ");
  assert.equal(parseQuery(words(queryTermsMax), context).kind, "query");
  checkProblem(words(queryTermsMax + 1), "bad_value", 0);
  checkProblem(`"${words(queryTermsMax + 1)}"`, "bad_value", 0);
  assert.equal(parseQuery("(".repeat(queryDepthMax) + "a" + ")".repeat(queryDepthMax), context).kind, "query");
  checkProblem("(".repeat(queryDepthMax + 1) + "a", "bad_value", queryDepthMax);
  assert.equal(parseQuery("x".padEnd(queryBytesMax), context).kind, "query");
  checkProblem("x".padEnd(queryBytesMax + 1), "bad_value", 0);
  checkProblem("ä".repeat(queryBytesMax / 2 + 1), "bad_value", 0);
});

test("every operator refuses an empty value", () => {
  for (const name of operatorNames) checkProblem(`${name}:`, "empty_value", 0);
});

test("any text is a query or a problem within it, and the same each time", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(
      "(",
      ")",
      "{",
      "}",
      '"',
      "-",
      "*",
      " ",
      ":",
      "@",
      "<",
      "..",
      " AND ",
      " OR ",
      " NOT ",
      "from:",
      "date:",
    ),
  );
  const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (written) => {
      const parse = parseQuery(written, context);
      assert.deepEqual(parseQuery(written, context), parse);
      if (parse.kind === "query") return assert.notEqual(parse.readAs, "");
      assert.ok(parse.problem.column >= 0 && parse.problem.column <= written.length);
    }),
    { seed: 13, numRuns: 1000 },
  );
});
