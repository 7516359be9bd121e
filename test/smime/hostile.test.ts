import assert from "node:assert/strict";
import { test } from "node:test";
import { readHostile } from "./hostile-run.ts";

test("S/MIME made to be expensive or to deceive is read as far as its bounds let it, and what was left unread is said", () => {
  for (const { mail, reading } of readHostile(0.05)) {
    assert.equal(reading?.state, mail.state, mail.name);
    assert.equal(reading.isCut, mail.isCut, mail.name);
    const text = reading.entities.map((entity) => entity.reading.text).join("\n");
    if (mail.text === null) assert.doesNotMatch(text, /the innermost words/, mail.name);
    else assert.match(text, new RegExp(mail.text), mail.name);
  }
});
