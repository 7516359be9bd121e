import assert from "node:assert/strict";
import { test } from "node:test";
import { fromLineBytes, fromLineBytesMax, fromLineKind, isFieldLine } from "./from-line.ts";

const lines: [string, ReturnType<typeof fromLineKind>][] = [
  ["From ann@example.com Tue Jul 23 19:39:23 2002", "dated"],
  ["From ann@example.com  Tue Jul  2 09:39 2002 +0200\r\n", "dated"],
  ["From MAILER-DAEMON Mon 1 Jan 2015 00:00:00 +0900", "dated"],
  ["From - Sun 24 Jan 2016 21:57:32", "dated"],
  ["From 1234@xxx Tue Jan 05 01:11:00 +0000 2021", "dated"],
  ["From 0@xxx 2014-11-27 11:48:31 am +0000", "dated"],
  ["From () 2020-03-03 07:50:45 +0000", "dated"],
  ['From "a b"@example.com Wed Jan 30 18:07:01 2002 remote from hub', "dated"],
  ["From a08ec2b99b62b3ce97c0906527d5d11f41c255a6 Mon Sep 17 00:00:00 2001\n", "patch"],
  ["From \n", "bare"],
  ["From ann@example.com", null],
  ["From the meeting on Tue Jul 23 at 19:39 in 2002 we learn", null],
  ["From : Ann <ann@example.com>, Tue Jul 23 19:39:23 2002", null],
  ["From: ann@example.com", null],
  [">From ann@example.com Tue Jul 23 19:39:23 2002", null],
  [" From ann@example.com Tue Jul 23 19:39:23 2002", null],
];

test("a From line is told from text by the date that ends it", () => {
  for (const [line, kind] of lines) assert.equal(fromLineKind(Buffer.from(line)), kind, line);
});

test("a From line longer than a line of mail may be is text", () => {
  const date = " Tue Jul 23 19:39:23 2002";
  const sized = (bytes: number) => Buffer.from("From " + "a".repeat(bytes - 5 - date.length) + date);
  assert.equal(fromLineKind(sized(fromLineBytesMax)), "dated");
  assert.equal(fromLineKind(sized(fromLineBytesMax + 1)), null);
});

const starts: [string, number][] = [
  ["From a Tue Jul 23 19:39:23 2002\nSubject: x\n\n", 32],
  ["From a Tue Jul 23 19:39:23 2002\r\nSubject: x\r\n\r\n", 33],
  ["From a Tue Jul 23 19:39:23 2002\rSubject: x\r\r", 32],
  ["From a Tue Jul 23 19:39:23 2002\n\nbody without a header", 32],
  ["From ann@example.com\nSubject: x\n\n", 21],
  ["From ann@example.com\nno field\n\n", 0],
  ["From : ann@example.com\nSubject: x\n\n", 0],
  ["From: ann@example.com\nSubject: x\n\n", 0],
  ["From a Tue Jul 23 19:39:23 2002", 0],
  ["", 0],
];

test("the From line in front of a single message is measured with its line end, and nothing else is", () => {
  for (const [head, bytes] of starts) assert.equal(fromLineBytes(Buffer.from(head)), bytes, JSON.stringify(head));
});

test("a field line begins with a name and a colon", () => {
  for (const line of ["Subject: x", "X-A.b_c:", "From : a", "1: x"]) assert.ok(isFieldLine(Buffer.from(line)), line);
  for (const line of ["", " Subject: x", "a b: x", "a,b:", "a/b: x", ": x", "text"]) {
    assert.ok(!isFieldLine(Buffer.from(line)), line);
  }
});
