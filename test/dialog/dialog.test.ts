import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type SmtpLimits, smtpLimits } from "#smtp/index.ts";
import type { MemoryIntake, SpoolStep } from "./memory-intake.ts";
import { onStage, type Peer, type Stage } from "./peer.ts";

// One conversation a file; README.md beside this file says what the lines mean.

const folder = new URL("./", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".dialog"));

test("there are dialogs to have", () => assert.ok(names.length >= 60, `${names.length} dialogs found`));

for (const name of names.sort()) {
  const lines = readFileSync(new URL(name, folder), "utf8").split("\n");
  assert.match(lines[0] ?? "", /^# \S/, `${name} begins with a sentence that says what it shows`);
  test(`${name.replace(/\.dialog$/, "")}: ${lines[0]?.slice(2)}`, { timeout: 20_000 }, () => hold(lines, name));
}

/** Has the conversation, then compares what was taken with what the dialog says. */
async function hold(lines: string[], name: string): Promise<void> {
  const limits: Partial<SmtpLimits> = {};
  for (const line of lines) {
    const [, limit, value] = /^given limit (\w+) (\d+)$/.exec(line) ?? [];
    if (limit !== undefined) {
      assert.ok(limit in smtpLimits, `${name}: ${limit} is a limit`);
      limits[limit as keyof SmtpLimits] = Number(value);
    }
  }
  const stage = await onStage(limits, async (stage) => {
    for (const line of lines) prepare(line, stage.intake);
    const peer = stage.peer();
    const unsent: Buffer[] = [];
    for (const [index, line] of lines.entries()) await play(line, `${name}:${index + 1}`, stage, peer, unsent);
    assert.deepEqual(unsent, [], `${name}: the last lines are not sent`);
  });
  compare(lines, name, stage);
}

function prepare(line: string, intake: MemoryIntake): void {
  const [, state] = /^given spool (full|suspect)$/.exec(line) ?? [];
  if (state === "full" || state === "suspect") intake.spoolState = { kind: state, reason: "told to be" };
  const [, step, code] = /^given (open|write|commit) fails ([A-Z-]+)$/.exec(line) ?? [];
  if (step !== undefined && code !== undefined) intake.failures.set(step as SpoolStep, code);
}

async function play(line: string, place: string, stage: Stage, peer: Peer, unsent: Buffer[]): Promise<void> {
  const [, mark = "", text = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
  if (mark === "" || mark === "#" || mark === "=" || mark === "given") return;
  if (mark === "C:") return void unsent.push(octets(text + "\\r\\n"));
  if (mark === "c:") return void unsent.push(octets(text));
  if (unsent.length > 0) peer.send(Buffer.concat(unsent.splice(0)));
  switch (mark) {
    case "S:":
      return matches(await peer.line(), text, place);
    case "end":
      return assert.equal(await peer.rest(), "", `${place}: closed, and nothing more said`);
    case "hang-up":
      return peer.hangUp();
    case "drop":
      return peer.drop();
    case "send":
      return;
    case "wait":
      return stage.clock.advance(Number(text) * 1_000);
    case "stop":
      stage.listener.stop(new AbortController().signal);
      return;
    case "mend":
      stage.intake.failures.clear();
      stage.intake.spoolState = { kind: "open" };
      return;
    default:
      assert.fail(`${place}: unknown line`);
  }
}

/** What was taken against the lines that begin with `=`. A dialog that names no items allows none. */
function compare(lines: string[], name: string, { intake, logged }: Stage): void {
  const expected = { items: 0, abandoned: intake.abandoned };
  let item = intake.items[0];
  let bytes: Buffer[] | null = null;
  const closeBytes = () => {
    if (bytes !== null) assert.equal(item?.bytes.toString("latin1"), Buffer.concat(bytes).toString("latin1"), name);
    bytes = null;
  };
  for (const line of lines) {
    const [, field, text = ""] = /^= (\S+) ?(.*)$/.exec(line) ?? [];
    if (field === undefined) continue;
    const hop = item?.arrival.hop;
    switch (field) {
      case "items":
        expected.items = Number(text);
        break;
      case "item":
        closeBytes();
        item = intake.items[Number(text) - 1];
        break;
      case "bytes":
        bytes = [...(bytes ?? []), octets(text)];
        break;
      case "from":
        assert.equal(hop?.mailFrom, text, `${name}: sender`);
        break;
      case "to":
        assert.deepEqual(hop?.rcptTo, text.split(" / "), `${name}: recipients`);
        break;
      case "helo":
        assert.equal(hop?.helo, text, `${name}: helo`);
        break;
      case "tenant":
        assert.equal(item?.arrival.destination.tenant, text, `${name}: tenant`);
        break;
      case "length":
        assert.equal(item?.bytes.length, Number(text), `${name}: length`);
        break;
      case "abandoned":
        expected.abandoned = Number(text);
        break;
      case "asked":
        assert.deepEqual(intake.asked, text === "" ? [] : text.split(" / "), `${name}: recipients asked about`);
        break;
      case "ending": {
        const sessions = logged.filter(({ event }) => event === "smtp-session");
        assert.deepEqual(
          sessions.map(({ fields }) => fields.ending),
          [text],
          `${name}: ending in the log`,
        );
        break;
      }
      default:
        assert.fail(`${name}: unknown expectation ${field}`);
    }
  }
  closeBytes();
  assert.deepEqual({ items: intake.items.length, abandoned: intake.abandoned }, expected, `${name}: what was taken`);
  for (const { arrival } of intake.items) {
    assert.match(arrival.receipt, /^rcp_[0-9a-z]{26}$/);
    assert.match(arrival.hop.peer ?? "", /^127\.0\.0\.1:[0-9]+$/);
  }
}

/** `*` stands for any run of characters. */
function matches(line: string | null, pattern: string, place: string): void {
  const source = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  assert.match(line ?? "(closed)", new RegExp(`^${source.join(".*")}$`), `${place}: expected ${pattern}`);
}

/** The octets that a line of a dialog stands for. */
function octets(text: string): Buffer {
  const bytes: Buffer[] = [];
  for (const [, count, repeated, hex, sign, plain = ""] of text.matchAll(
    /\\\{(\d+)\|([^}]*)\}|\\x([0-9a-f]{2})|\\([rnt0\\])|([^\\]+)/g,
  )) {
    if (repeated !== undefined) bytes.push(...Array<Buffer>(Number(count)).fill(octets(repeated)));
    else if (hex !== undefined) bytes.push(Buffer.from(hex, "hex"));
    else if (sign !== undefined) bytes.push(Buffer.from(signs[sign] ?? ""));
    else bytes.push(Buffer.from(plain));
  }
  return Buffer.concat(bytes);
}

const signs: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };
