import assert from "node:assert/strict";
import { test } from "node:test";
import { readFilenames, safeFilename } from "./filenames.ts";
import { filenameBytesMax, filenamesMax } from "./limits.ts";
import { splitParameters } from "./parameters.ts";

const fields: Record<string, [disposition: string, type: string, display: string | null, all: string[]]> = {
  "a plain name": ["attachment; filename=a.txt", "", "a.txt", ["a.txt"]],
  "a quoted name": ['attachment; filename="a; b.txt"', "", "a; b.txt", ["a; b.txt"]],
  "an extended name before its fallback": [
    "attachment; filename=\"a.txt\"; filename*=utf-8''%c3%a4.txt",
    "",
    "ä.txt",
    ["ä.txt", "a.txt"],
  ],
  "an extended name without charset": ["attachment; filename*=%c3%a4.txt", "", "ä.txt", ["ä.txt"]],
  "a continued name, out of order": [
    'attachment; filename*1="lo.txt"; filename*0="hel"',
    "",
    "hello.txt",
    ["hello.txt"],
  ],
  "a character cut between segments": [
    "attachment; filename*0*=utf-8''a%c3; filename*1*=%a4; filename*2=.txt",
    "",
    "aä.txt",
    ["aä.txt"],
  ],
  "another charset": ["attachment; filename*=koi8-r'ru'%f0.txt", "", "П.txt", ["П.txt"]],
  "the name of the type": ["", "text/plain; name=b.txt", "b.txt", ["b.txt"]],
  "names that differ": ["attachment; filename=a.txt", "text/plain; name=b.txt", "a.txt", ["a.txt", "b.txt"]],
  "a name given twice": ["attachment; filename=a.txt; filename=b.txt", "", "a.txt", ["a.txt", "b.txt"]],
  "an encoded word in quotes": ['attachment; filename="=?utf-8?B?w6QudHh0?="', "", "ä.txt", ["ä.txt"]],
  "an encoded word in percent signs once": [
    "attachment; filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D",
    "",
    "=?utf-8?Q?x?=",
    ["=?utf-8?Q?x?="],
  ],
  "a comment": ["attachment (c; d); filename=a.txt", "", "a.txt", ["a.txt"]],
  "parentheses in a name": ["attachment; filename=a(1).txt", "", "a(1).txt", ["a(1).txt"]],
  "an unclosed quote": ['attachment; filename="a.txt', "", "a.txt", ["a.txt"]],
  "backslashes that nobody doubled": ['attachment; filename="C:\\tmp\\a.txt"', "", "C:tmpa.txt", ["C:\\tmp\\a.txt"]],
  "an empty name": ['attachment; filename=""', "", null, []],
  "a name of nothing but dots": ["attachment; filename=../..", "", null, ["../.."]],
};

for (const [name, [disposition, type, display, all]] of Object.entries(fields)) {
  test(`reads ${name}`, () => {
    const names = readFilenames(splitParameters(disposition).parameters, splitParameters(type).parameters);
    assert.deepEqual([names.display, names.all], [display, all]);
  });
}

test("names with different extensions are a conflict, a translated name is none", () => {
  const isConflict = (text: string) => readFilenames(splitParameters(text).parameters, []).isConflict;
  assert.equal(isConflict("x; filename=bill.pdf; filename*=utf-8''bill.exe"), true);
  assert.equal(isConflict("x; filename=bill.pdf; filename*=utf-8''r%c3%a4.PDF"), false);
});

const unsafe: [given: string, safe: string][] = [
  ["../../etc/passwd", "etcpasswd"],
  ["a\u202efdp.exe", "afdp.exe"],
  ["a\u0000\u0007b\r\n.txt", "ab.txt"],
  ["  .bashrc", "bashrc"],
  ["\ud800.txt", "\ufffd.txt"],
];
for (const [given, safe] of unsafe) {
  test(`makes ${JSON.stringify(given)} safe`, () => assert.equal(safeFilename(given), safe));
}

test("a name of 255 bytes is displayed whole, one byte more is cut before the extension", () => {
  const whole = "a".repeat(filenameBytesMax - 4) + ".txt";
  assert.equal(safeFilename(whole), whole);
  assert.equal(safeFilename("a" + whole), whole);
  const wide = safeFilename("😀".repeat(200) + ".txt");
  assert.ok(Buffer.byteLength(wide) <= filenameBytesMax && wide.isWellFormed() && wide.endsWith(".txt"));
});

test("lists as many names as are allowed", () => {
  const count = (names: number) =>
    readFilenames(
      Array.from({ length: names }, (_, index) => ({ name: "filename", value: `${index}.txt` })),
      [],
    ).all.length;
  assert.deepEqual([filenamesMax, filenamesMax + 1].map(count), [filenamesMax, filenamesMax]);
});
