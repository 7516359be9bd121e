import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ReplyEvent, ReplyReader, type ReplyShape } from "./reply-reader.ts";

const limits = { statusBytesMax: 64, listLineBytesMax: 24 };
const line: ReplyShape = { kind: "line" };
const challenge: ReplyShape = { kind: "challenge" };
const list: ReplyShape = { kind: "list", linesMax: 3 };
const body: ReplyShape = { kind: "body", bytesMax: 40 };

/** Everything the reader tells of chunks, in words; pieces that belong together are joined. */
function read(shapes: readonly ReplyShape[], chunks: readonly Buffer[]): string[] {
  const reader = new ReplyReader(limits);
  for (const shape of shapes) reader.expect(shape);
  const told: string[] = [];
  let content: Buffer[] = [];
  const tell = (event: ReplyEvent) => {
    if (event.kind === "piece") return void content.push(Buffer.from(event.content));
    if (content.length > 0) told.push(`piece ${JSON.stringify(Buffer.concat(content).toString("latin1"))}`);
    content = [];
    if (event.kind === "status") told.push(`${event.status.kind} ${event.status.code ?? ""} ${event.status.text}`);
    else if (event.kind === "item") told.push(`item ${event.line}`);
    else told.push(event.kind === "broken" ? `broken ${event.fault}` : event.kind);
  };
  for (const chunk of chunks) {
    reader.give(chunk);
    for (let event = reader.next(); event !== null; event = reader.next()) {
      tell(event);
      if (event.kind === "broken") return told;
    }
  }
  if (content.length > 0) told.push(`piece ${JSON.stringify(Buffer.concat(content).toString("latin1"))}`);
  return told;
}

const cases: [what: string, shapes: ReplyShape[], sent: string, told: string[]][] = [
  ["one line", [line], "+OK hello\r\n", ["ok  hello"]],
  ["a bare indicator in any case, ended by LF", [line, line], "+ok\n-err\n", ["ok  ", "err  "]],
  ["a response code", [line], "-ERR [sys/temp] later\r\n", ["err SYS/TEMP [sys/temp] later"]],
  ["a refusal where a list was asked for", [list, line], "-ERR no\r\n+OK\r\n", ["err  no", "ok  "]],
  ["a list", [list], "+OK\r\n1 a\r\n..2\r\n.\r\n", ["ok  ", "item 1 a", "item .2", "end"]],
  ["an empty list", [list], "+OK\r\n.\r\n", ["ok  ", "end"]],
  ["a message with dots", [body], "+OK\r\n..a\r\n.b\r\n.\r\n", ["ok  ", 'piece ".a\\r\\nb\\r\\n"', "end"]],
  ["an empty message", [body, line], "+OK\r\n.\r\n+OK\r\n", ["ok  ", "end", "ok  "]],
  ["a message that LF, dot, LF does not end", [body], "+OK\r\na\n.\nb", ["ok  ", 'piece "a\\n.\\nb"']],
  ["what is asked for in a login", [challenge, challenge], "+ \r\n+OK\r\n", ["challenge  ", "ok  "]],
  ["a challenge where none belongs", [line], "+ more\r\n", ["broken not-a-reply"]],
  ["another protocol", [line], "220 smtp\r\n", ["broken not-a-reply"]],
  ["what nobody asked for", [line], "+OK\r\n+OK\r\n", ["ok  ", "broken unsolicited"]],
  ["a line as long as may be", [line], `+OK ${"x".repeat(58)}\r\n`, [`ok  ${"x".repeat(58)}`]],
  ["a line longer than may be", [line], `+OK ${"x".repeat(59)}\r\n`, ["broken line-endless"]],
  ["a line without end", [line], "x".repeat(65), ["broken line-endless"]],
  ["as many items as may be", [list], "+OK\r\n1\r\n2\r\n3\r\n.\r\n", ["ok  ", "item 1", "item 2", "item 3", "end"]],
  [
    "a list without end",
    [list],
    "+OK\r\n1\r\n2\r\n3\r\n4\r\n",
    ["ok  ", "item 1", "item 2", "item 3", "broken list-endless"],
  ],
  ["an item longer than may be", [list], `+OK\r\n${"1".repeat(25)}`, ["ok  ", "broken line-endless"]],
  [
    "a message as large as may be",
    [body],
    `+OK\r\n${"x".repeat(38)}\r\n.\r\n`,
    ["ok  ", `piece "${"x".repeat(38)}\\r\\n"`, "end"],
  ],
  // How much of a message that is too large was told before depends on the chunks; that it is too large does not.
  ["a message larger than may be", [body], `+OK\r\n${"x".repeat(41)}`, ["ok  ", "broken message-too-large"]],
];

for (const [what, shapes, sent, told] of cases) {
  test(`reads ${what}, at every split`, () => {
    const bytes = Buffer.from(sent, "latin1");
    const isWhole = (one: string) => !told.at(-1)!.endsWith("message-too-large") || !one.startsWith("piece");
    assert.deepEqual(read(shapes, [bytes]), told);
    for (let cut = 0; cut <= bytes.length; cut += 1)
      assert.deepEqual(read(shapes, [bytes.subarray(0, cut), bytes.subarray(cut)]).filter(isWhole), told, `at ${cut}`);
    const single = [...bytes].map((byte) => Buffer.of(byte));
    assert.deepEqual(read(shapes, single).filter(isWhole), told);
  });
}

const fragments = [
  "+OK",
  "-ERR",
  "+ ",
  " [AUTH] no",
  "\r\n",
  "\n",
  "\r",
  ".",
  "..",
  "1 7",
  "\r\n.\r\n",
  "x".repeat(30),
  "\0",
  "\xff",
];
const noise = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...fragments).map((text) => Buffer.from(text, "latin1")) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes)) },
);

test("whatever a server sends, wherever it is split, is read alike and never throws", () => {
  const shapes = fc.array(fc.constantFrom(line, challenge, list, body), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      shapes,
      fc.array(noise, { maxLength: 20 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (asked, pieces, cuts) => {
        const bytes = Buffer.concat([Buffer.from("+OK\r\n"), ...pieces]);
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const whole = read(asked, [bytes]);
        const split = read(asked, chunks);
        const isTooLarge = whole.at(-1) === "broken message-too-large";
        const keep = (told: string[]) => (isTooLarge ? told.filter((one) => !one.startsWith("piece")) : told);
        assert.deepEqual(keep(split), keep(whole));
      },
    ),
    { numRuns: 2_000 },
  );
});

test("holds back octets that belong to no answer, so that a handshake can be refused", () => {
  const reader = new ReplyReader(limits);
  reader.expect(line);
  reader.give(Buffer.from("+OK begin\r\n+OK injected\r\n"));
  assert.equal(reader.next()?.kind, "status");
  assert.equal(reader.unreadBytes, 14);
});
