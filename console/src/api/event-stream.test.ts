import assert from "node:assert/strict";
import { test } from "node:test";
import { eventReader, type StreamEvent } from "./event-stream.ts";

const stream =
  'id: 1\r\nevent: status\r\ndata: {"a":1}\r\n\r\n: heartbeat\n\ndata:first\ndata: second\n\nevent: lone\n\n';
const expected: StreamEvent[] = [
  { event: "status", data: '{"a":1}' },
  { event: "message", data: "first\nsecond" },
];

test("reads named events, joins data lines and skips comments", () => {
  assert.deepEqual(eventReader()(stream), expected);
});

test("gives the same events wherever the stream is cut", () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const read = eventReader();
    assert.deepEqual([...read(stream.slice(0, cut)), ...read(stream.slice(cut))], expected, `cut at ${cut}`);
  }
});

test("holds an event back until its blank line", () => {
  const read = eventReader();
  assert.deepEqual(read("data: x\n"), []);
  assert.deepEqual(read("\n"), [{ event: "message", data: "x" }]);
});
