import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { kitLines, readKit } from "./recovery-kit.ts";

const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

test("a kit that is printed reads back, with prose around it, in small letters, without spaces, with O, I and L", () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      const lines = kitLines(secret);
      assert.equal(lines.length, 4);
      for (const line of lines) assert.match(line, /^[1-4]: (?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}$/);
      const paper = ["Muniment recovery kit 7k2m", "made 2026", ...lines, "", "Keep it apart from the archive."];
      const sloppy = [...lines].reverse().map((line) => {
        const [digit, rest = ""] = line.toLowerCase().split(": ");
        return `  ${digit} :${rest.replaceAll("0", "o").replaceAll("1", "l").replaceAll(" ", "-")}`;
      });
      for (const typed of [lines.join("\n"), paper.join("\r\n"), sloppy.join("\n")])
        assert.deepEqual(readKit(typed), Buffer.from(secret));
    }),
  );
});

test("any single wrong character, and any two that changed places, is found and its line named", () => {
  const secret = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256));
  const lines = kitLines(secret);
  let tried = 0;
  for (let line = 0; line < 4; line += 1) {
    const text = lines[line]!;
    for (let at = 3; at < text.length; at += 1) {
      if (text[at] === " ") continue;
      for (const wrong of [...alphabet].filter((one) => one !== text[at])) {
        const typed = lines.with(line, text.slice(0, at) + wrong + text.slice(at + 1));
        assert.throws(() => readKit(typed.join("\n")), {
          code: "KIT-UNREADABLE",
          message: new RegExp(`line ${line + 1} `),
        });
        tried += 1;
      }
      const next = text[at + 1];
      if (next === undefined || next === " " || next === text[at]) continue;
      const typed = lines.with(line, text.slice(0, at) + next + text[at] + text.slice(at + 2));
      assert.throws(() => readKit(typed.join("\n")), {
        code: "KIT-UNREADABLE",
        message: new RegExp(`line ${line + 1} `),
      });
    }
  }
  assert.equal(tried, 4 * 16 * 31);
});

test("a line that is missing, doubled, too short, too long, swapped or of strange characters is named and never quoted", () => {
  const [one = "", two = "", three = "", four = ""] = kitLines(Buffer.alloc(32, 7));
  const cases: [string[], RegExp][] = [
    [[], /line 1 is missing/],
    [[one, two, four], /line 3 is missing/],
    [[one, two, two, three, four], /line 2 is there twice/],
    [[one, two, three, four.slice(0, -1)], /line 4 has 15 characters instead of 16/],
    [[one, `${two}0`, three, four], /line 2 has 17 characters/],
    [[one, two, `${three.slice(0, -1)}U`, four], /line 3 holds a character/],
    [[`1${two.slice(1)}`, `2${one.slice(1)}`, three, four], /line 1 does not hold/],
  ];
  for (const [typed, message] of cases)
    assert.throws(
      () => readKit(typed.join("\n")),
      (error: Error) => {
        assert.match(error.message, message);
        for (const line of typed) assert.equal(error.message.includes(line.slice(3, 12)), false);
        return true;
      },
    );
});
