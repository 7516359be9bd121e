import assert from "node:assert/strict";
import { test } from "node:test";
import { corpusFile, corpusFolder } from "../../test/corpus.ts";
import { emlxPlace } from "./emlx.ts";
import { readSources } from "./index.ts";

async function listed<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const names = ["outlook-emlx/plaintext.emlx", "outlook-emlx/richtext.emlx", "outlook-tika/testEMLX.emlx"];

test("of every emlx file the message is found, without the count before it and the property list after it", async () => {
  for (const name of names) {
    const whole = corpusFile(name);
    const found = await listed(readSources([`${corpusFolder}/${name}`]));
    const [one] = found;
    assert.ok(found.length === 1 && one?.kind === "message", name);
    const bytes = Buffer.concat(await listed(one.bytes()));
    assert.equal(bytes.length, Number.parseInt(String(whole), 10), name);
    assert.ok(whole.includes(bytes) && !bytes.includes("<plist"), name);
  }
});

test("a count that is no count, or more than there is, makes no emlx", () => {
  const place = (text: string) => emlxPlace(Buffer.from(text), text.length);
  assert.deepEqual(place("6   \nA: b\n\n<plist>"), { start: 5, end: 11 });
  assert.deepEqual(place("6\nA: b\n\n"), { start: 2, end: 8 });
  for (const text of ["7\nA: b\n\n", "0\nA: b\n\n", "x\nA: b\n\n", "6\nno field", "A: b\n\n", ""])
    assert.equal(place(text), null);
});
