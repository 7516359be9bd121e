import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { SecureVersion } from "node:tls";
import { type SmtpLimits, type SmtpOptions, smtpLimits } from "#smtp/index.ts";
import type { MemoryIntake, SpoolStep } from "./memory-intake.ts";
import { onStage, type Peer, type Stage, testCertificate, tlsFile } from "./peer.ts";

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
  const stage = await onStage(limits, (stage) => playAll(lines, name, stage), surroundingsOf(lines));
  compare(lines, name, stage);
}

/** What the listener has besides its limits. */
function surroundingsOf(lines: string[]): Partial<SmtpOptions> {
  const given = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((found) => found !== null);
  const login = given(/^given login (\S+) (\S+)$/);
  return {
    ...(given(/^given (?:certificate|tls first)$/) ? { certificate: () => testCertificate() } : {}),
    ...(given(/^given tls first$/) ? { isTlsFirst: true } : {}),
    ...(given(/^given proxy$/) ? { proxies: ["127.0.0.0/8"] } : {}),
    ...(given(/^given logins fail$/) ? { authenticate: () => Promise.reject(new Error("told to fail")) } : {}),
    ...(login ? { authenticate: async (user, password) => user === login[1] && password === login[2] } : {}),
  };
}

async function playAll(lines: string[], name: string, stage: Stage): Promise<void> {
  for (const line of lines) prepare(line, stage.intake);
  const peer = stage.peer();
  const unsent: Buffer[] = [];
  for (const [index, line] of lines.entries()) await play(line, `${name}:${index + 1}`, stage, peer, unsent);
  assert.deepEqual(unsent, [], `${name}: the last lines are not sent`);
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
    case "hello":
      peer.send(Buffer.from("EHLO x\r\n"));
      return assert.match((await peer.reply()) ?? "", /^250-/, `${place}: EHLO is answered`);
    case "TLS":
      return secure(peer, text, place);
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

/** `TLS`, `TLS shows client`, or what must fail: `TLS refused speaking h2`, `TLS refused at TLSv1.1`. */
async function secure(peer: Peer, text: string, place: string): Promise<void> {
  const [, refused, alpn, version, shown] =
    /^(refused)?(?: ?speaking (\S+))?(?: ?at (\S+))?(?: ?shows (\S+))?$/.exec(text) ?? [];
  const socket = await peer.secure({
    ...(alpn === undefined ? {} : { ALPNProtocols: [alpn] }),
    ...(version === undefined ? {} : { minVersion: "TLSv1", maxVersion: version as SecureVersion }),
    ...(version === undefined || version >= "TLSv1.2" ? {} : { ciphers: "DEFAULT:@SECLEVEL=0" }),
    ...(shown === undefined ? {} : { cert: tlsFile(`${shown}-cert`), key: tlsFile(`${shown}-key`) }),
  });
  assert.equal(socket === null, refused !== undefined, `${place}: TLS ${refused ?? "stands"}`);
}

/** What was taken against the lines that begin with `=`. A dialog that names no items allows none. */
function compare(lines: string[], name: string, { intake, logged, refusals }: Stage): void {
  const expected = { items: 0, abandoned: intake.abandoned };
  let item = intake.items[0];
  let bytes: Buffer[] | null = null;
  const refused: string[] = [];
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
      case "tls":
        matches(hop?.tls ?? "clear", text, `${name}: TLS`);
        break;
      case "user":
        assert.equal(hop?.user, text, `${name}: user`);
        break;
      case "certificate":
        matches(`${hop?.certificate?.subject} ${hop?.certificate?.sha256}`, text, `${name}: certificate`);
        break;
      case "peer":
        matches(hop?.peer ?? "", text, `${name}: peer`);
        break;
      case "refused":
        refused.push(text);
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
  for (const [index, expectation] of refused.entries()) {
    const { command, reason } = refusals[index] ?? {};
    matches(`${command} / ${reason}`, expectation, `${name}: refusal ${index + 1}`);
  }
  if (refused.length > 0) assert.equal(refusals.length, refused.length, `${name}: refusals`);
  for (const { arrival } of intake.items) {
    assert.match(arrival.receipt, /^rcp_[0-9a-z]{26}$/);
    if (!lines.some((line) => line.startsWith("= peer ")))
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
