import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { converse, mailTurns, type Outcome } from "./converse.ts";
import { onStage, type Peer, testCertificate } from "./peer.ts";

// What a smuggling client puts into a body so that one server sees one mail and the next sees two. Whatever it is, one
// transfer is one item, of exactly the octets between DATA and the true end.

const corpus = process.env.MUNIMENT_CORPUS ?? new URL("../../../shared/corpus", import.meta.url).pathname;
const published: { vectors: { name: string; bytes_hex: string }[] } = JSON.parse(
  readFileSync(`${corpus}/hostile-smtp-smuggling/end-of-data-vectors.json`, "utf8"),
);

const vectors = new Map<string, string>([
  ...published.vectors.map(({ name, bytes_hex }): [string, string] => [name, latin1(Buffer.from(bytes_hex, "hex"))]),
  ...[
    "\n.\n",
    "\n.\r",
    "\r.\n",
    "\r.\r",
    "\n.\r\n",
    "\r.\r\n",
    "\r\n.\n",
    "\r\n.\r",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\n.\r\r\n",
    "\r\r\n.\r\r\n",
    "\r\r\n.\r\n",
    ".\r\n",
    ".\n",
    ".\r",
    "..",
    "..\r\n",
    "...\r\n",
    "\n..x",
    "\r\n..",
    "\r\n...\r\n",
    "\r\n. \r\n",
    "\r\n.\r\0\n",
    "\r\n.\r.\r\n",
    "\r\n.\n.\r\n",
    "\r\n..\r\n.\r\r\n",
    "\r",
    "\n",
    "",
  ].map((vector): [string, string] => [JSON.stringify(vector), vector]),
]);

const evil = "MAIL FROM:<evil@x.test>\r\nRCPT TO:<journal@acme.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";

const places = [
  { place: "after a normal body", before: "Subject: outer\r\n\r\nhello", messageBytesMax: 10_000 },
  { place: "after an oversized body", before: `Subject: outer\r\n\r\n${"long ".repeat(30)}`, messageBytesMax: 100 },
  { place: "as the first octets", before: "", messageBytesMax: 10_000 },
];

for (const { place, before, messageBytesMax } of places) {
  test(`no vector smuggles a mail ${place}, wherever the octets are split`, () => {
    for (const [name, vector] of vectors) {
      const body = before + vector + evil;
      for (const { outcome, split } of atEverySplit(mailTurns(bytesOf(body)), messageBytesMax)) {
        checkOneMail(outcome, body, messageBytesMax, `${name} ${place}, split ${split}`);
      }
    }
  });
}

test("no vector ends a BDAT chunk, wherever the octets are split", () => {
  for (const [name, vector] of vectors) {
    const body = `Subject: outer\r\n\r\nhello${vector}${evil}`;
    const [hello] = mailTurns(Buffer.alloc(0));
    const turn = `MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\nBDAT ${body.length} LAST\r\n${body}NOOP\r\n`;
    for (const { outcome, split } of atEverySplit([hello!, bytesOf(turn)], 10_000)) {
      assert.deepEqual(
        outcome.accepted.map(({ mail, bytes }) => [mail.mailFrom, latin1(bytes)]),
        [["a@b.test", body]],
        `${name} in a chunk, split ${split}`,
      );
      assert.match(
        outcome.said,
        /stored durably as rcp_1\r\n250 2\.0\.0 ok\r\n$/,
        `${name} in a chunk, split ${split}`,
      );
    }
  }
});

test("no vector that lies across two BDAT chunks ends either, wherever it is cut", () => {
  const [hello] = mailTurns(Buffer.alloc(0));
  for (const [name, vector] of vectors) {
    const body = `Subject: outer\r\n\r\nhello${vector}${evil}`;
    for (let at = 1; at < body.length; at += 1) {
      const [first, second] = [body.slice(0, at), body.slice(at)];
      const begin = "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\n";
      const turn = `${begin}BDAT ${first.length}\r\n${first}BDAT ${second.length} LAST\r\n${second}NOOP\r\n`;
      const { accepted, said } = converse([hello!, bytesOf(turn)], { limits: { messageBytesMax: 10_000 } });
      assert.deepEqual(
        accepted.map(({ mail, bytes }) => [mail.mailFrom, latin1(bytes)]),
        [["a@b.test", body]],
        `${name}, chunks cut at ${at}`,
      );
      assert.match(said, /chunk taken\r\n250 2\.0\.0 stored durably as rcp_1\r\n250 2\.0\.0 ok\r\n$/, name);
    }
  }
});

for (const way of ["in clear", "under TLS"]) {
  test(`no vector smuggles a mail through a real connection ${way}, by DATA or BDAT`, { timeout: 60_000 }, async () => {
    const secure = way === "under TLS";
    const more = secure ? { certificate: () => testCertificate() } : {};
    for (const [name, vector] of vectors) {
      const body = `Subject: outer\r\n\r\nhello${vector}${evil}`;
      const { intake } = await onStage(
        {},
        async (stage) => {
          await sendOne(stage.peer(), secure, mailTurns(bytesOf(body)), name);
          await sendOne(stage.peer(), secure, chunkTurns(body), name);
        },
        more,
      );
      assert.deepEqual(
        intake.items.map(({ arrival, bytes }) => [arrival.hop.mailFrom, arrival.hop.tls !== null, latin1(bytes)]),
        [
          ["a@b.test", secure, expectedOf(body).content],
          ["a@b.test", secure, body],
        ],
        name,
      );
    }
  });
}

for (const verb of ["DATA", "BDAT"]) {
  test(`no published vector smuggles a mail by ${verb} under TLS, in two records cut at every place`, {
    timeout: 60_000,
  }, async () => {
    const bodies = published.vectors
      .map(({ bytes_hex }) => `Subject: outer\r\n\r\nhello${latin1(Buffer.from(bytes_hex, "hex"))}${evil}`)
      // A vector that is a true end is one: behind it the session is closed, as the tests above show.
      .filter((body) => verb === "BDAT" || expectedOf(body).rest === "");
    assert.ok(bodies.length > 5);
    const expected: string[] = [];
    const { intake } = await onStage(
      {},
      async (stage) => {
        const peer = stage.peer();
        await peer.reply();
        peer.send(bytesOf("STARTTLS\r\n"));
        assert.match((await peer.reply()) ?? "", /^220 /);
        assert.ok(await peer.secure());
        const [hello] = mailTurns(Buffer.alloc(0));
        peer.send(hello!);
        assert.match((await peer.reply()) ?? "", /^250-/);
        for (const body of bodies) {
          for (let at = 1; at < body.length; at += 1) {
            const isChunk = verb === "BDAT";
            peer.send(bytesOf(`MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\n${isChunk ? "" : "DATA\r\n"}`));
            for (let count = isChunk ? 2 : 3; count > 0; count -= 1) assert.match((await peer.reply()) ?? "", /^[23]/);
            peer.send(bytesOf((isChunk ? `BDAT ${body.length} LAST\r\n` : "") + body.slice(0, at)));
            peer.send(bytesOf(body.slice(at)));
            assert.match((await peer.reply()) ?? "", /^250 2\.0\.0 stored/, `cut at ${at}`);
            expected.push(isChunk ? body : expectedOf(body).content);
          }
        }
        peer.hangUp();
        await peer.rest();
      },
      { certificate: () => testCertificate() },
    );
    assert.equal(intake.items.length, expected.length);
    for (const [index, { bytes }] of intake.items.entries()) assert.equal(latin1(bytes), expected[index]);
  });
}

test("nothing that stands behind STARTTLS in clear is heard under TLS, wherever the octets are split", () => {
  for (const injected of [
    "",
    "NOOP\r\n",
    "HELP ",
    "HELP\r",
    evil,
    "\n.\r\n",
    "EHLO evil\r\nMAIL FROM:<evil@x.test>\r\n",
  ]) {
    const turn = bytesOf(`STARTTLS\r\n${injected}`);
    for (let at = 1; at <= turn.length; at += 1) {
      const turns = [
        bytesOf("EHLO x\r\n"),
        turn,
        bytesOf("MAIL FROM:<a@b.test>\r\n"),
        ...mailTurns(bytesOf("x\r\n.\r\n")),
      ];
      const cut = (piece: Buffer) => (piece === turn ? [turn.subarray(0, at), turn.subarray(at)] : [piece]);
      const { said, accepted } = converse(turns, { cut, canSecure: true });
      const what = `${JSON.stringify(injected)}, split ${at}`;
      assert.match(said, /220 2\.0\.0 begin TLS\r\n503 5\.5\.1 EHLO first\r\n250-[^ ]*\r\n/, what);
      assert.deepEqual(
        accepted.map(({ mail, bytes }) => [mail.mailFrom, mail.helo, latin1(bytes)]),
        [["a@b.test", "client.test", "x\r\n"]],
        what,
      );
    }
  }
});

/** Has one mail taken over a connection of its own. */
async function sendOne(peer: Peer, secure: boolean, turns: Buffer[], name: string): Promise<void> {
  await peer.reply();
  if (secure) {
    peer.send(bytesOf("STARTTLS\r\n"));
    assert.match((await peer.reply()) ?? "", /^220 /);
    assert.ok(await peer.secure());
  }
  for (const turn of turns) {
    peer.send(turn);
    const replies = latin1(turn).startsWith("MAIL") ? 3 : 1;
    for (let count = 0; count < replies; count += 1) assert.match((await peer.reply()) ?? "", /^[23]/, name);
  }
  peer.hangUp();
  await peer.rest();
}

function chunkTurns(body: string): Buffer[] {
  const begin = "MAIL FROM:<a@b.test>\r\nRCPT TO:<journal@acme.test>\r\n";
  return [bytesOf("EHLO client.test\r\n"), bytesOf(`${begin}BDAT ${body.length} LAST\r\n${body}`)];
}

/** The same conversation with its last turn whole, octet by octet, and cut in two at every place. */
function* atEverySplit(
  turns: Buffer[],
  messageBytesMax: number,
): Generator<{ outcome: Outcome; split: number | string }> {
  const last = turns.at(-1)!;
  const limits = { messageBytesMax };
  const octets = Array.from(last, (_, at) => last.subarray(at, at + 1));
  yield { outcome: converse(turns, { limits }), split: "nowhere" };
  yield { outcome: converse(turns, { limits, cut: (turn) => (turn === last ? octets : [turn]) }), split: "everywhere" };
  for (let at = 1; at < last.length; at += 1) {
    const halves = [last.subarray(0, at), last.subarray(at)];
    yield { outcome: converse(turns, { limits, cut: (turn) => (turn === last ? halves : [turn]) }), split: at };
  }
}

function checkOneMail(outcome: Outcome, body: string, messageBytesMax: number, what: string): void {
  const { content, rest } = expectedOf(body);
  const fits = content.length <= messageBytesMax;
  assert.deepEqual(
    outcome.accepted.map(({ mail, bytes }) => [mail.mailFrom, latin1(bytes)]),
    fits ? [["a@b.test", content]] : [],
    what,
  );
  const last = fits ? "250 2\\.0\\.0 stored durably as rcp_1" : "552 5\\.3\\.4 [^\\r]*";
  // Behind a true end the peer's commands are its own; they end where its body comes ahead of our 354.
  const after = rest === "" ? "" : "250 2\\.1\\.0 .*\\r\\n250 2\\.1\\.5 .*\\r\\n554 5\\.5\\.0 .*\\r\\n";
  assert.match(outcome.said, new RegExp(`354 [^\\r]*\\r\\n${last}\\r\\n${after}$`), what);
  assert.equal(outcome.isClosed, rest !== "", what);
}

/** What RFC 5321 makes of a body, found in one look at all of it. */
function expectedOf(body: string): { content: string; rest: string } {
  const framed = "\r\n" + body;
  const end = framed.indexOf("\r\n.\r\n");
  assert.ok(end >= 0, "the body has an end");
  return {
    content: framed
      .slice(0, end + 2)
      .replaceAll("\r\n.", "\r\n")
      .slice(2),
    rest: framed.slice(end + 5),
  };
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function latin1(bytes: Buffer): string {
  return bytes.toString("latin1");
}
