import assert from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "#mail/index.ts";
import { corpusFiles } from "../../test/corpus.ts";
import { unwrap } from "./index.ts";

/** Names, without folder, of what is no bounce, or is one that nothing but its sender's own words would tell. */
const exceptions: Record<string, RegExp[]> = {
  "complaints, not bounces (RFC 5965)": [/^arf-/],
  "vacation notices": [/^rfc3834-0[1-9]\.eml$/],
  "a service's notices in JSON": [/^lhost-amazonses-(?:09|1[0-3])\.eml$/],
  "a mailing list's words to its members": [/^lhost-fml-0[23]\.eml$/],
  "bounces that somebody forwarded as text": [/^lhost-sendmail-14\.eml$/, /^make-test-36\.eml$/],
  "known by their subject alone, or by nothing": [
    /^lhost-kddi-0[123]\.eml$/,
    /^lhost-mcafee-04\.eml$/,
    /^lhost-mfilter-0[34]\.eml$/,
    /^lhost-opensmtpd-05\.eml$/,
    /^lhost-verizon-01\.eml$/,
  ],
};

test("knows the bounces of the corpus, and of its other mail no more than is listed", () => {
  const unknown: string[] = [];
  let known = 0;
  for (const { name, bytes } of corpusFiles("dsn-sisimai")) {
    if (!/maildir\/(?:bsd|dos|mac|err|tmp)\//.test(name)) continue;
    const found = unwrap(bytes, readMessage(bytes));
    assert.equal(found.kind, "not_report", name);
    const isBounce = found.kind === "not_report" && found.marks.includes("bounce");
    const file = name.slice(name.lastIndexOf("/") + 1);
    const isListed = Object.values(exceptions).some((patterns) => patterns.some((pattern) => pattern.test(file)));
    if (isBounce) known += 1;
    else if (!isListed) unknown.push(name);
  }
  assert.deepEqual(unknown, []);
  assert.ok(known > 780, `${known} bounces are known`);
});

/** Taken for bounces, and why that is right. */
const bouncesAmongOthers = [
  // By its words a bounce; its collection asks a reader not to find the failed address in it.
  "dsn-sisimai/maildir/not/rb-issue-368-bug.eml",
  // Written by mailer daemons.
  "mime-jwz-mbox/input/mbox/jwz/132",
  "mime-jwz-mbox/input/mbox/jwz/21",
];

test("takes none of the corpus's other mail for a bounce but what is one", () => {
  const taken: string[] = [];
  for (const { name, bytes } of corpusFiles("dsn-sisimai", "mime-jwz", "multilingual-mailcore2")) {
    if (name.startsWith("dsn-sisimai") && !name.includes("maildir/not/")) continue;
    const found = unwrap(bytes, readMessage(bytes));
    if (found.kind === "not_report" && found.marks.includes("bounce")) taken.push(name);
  }
  assert.deepEqual(taken.sort(), bouncesAmongOthers);
});
