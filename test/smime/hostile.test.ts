import assert from "node:assert/strict";
import { test } from "node:test";
import { messageCostMax, readHostile } from "./hostile-run.ts";

test("S/MIME made to be expensive or to deceive is read in bounded time, and what was left unread is said", () => {
  for (const { mail, reading, ms } of readHostile(0.05)) {
    assert.equal(reading?.state, mail.state, mail.name);
    assert.equal(reading.isCut, mail.isCut, mail.name);
    const text = reading.entities.map((entity) => entity.reading.text).join("\n");
    if (mail.text === null) assert.doesNotMatch(text, /the innermost words/, mail.name);
    else assert.match(text, new RegExp(mail.text), mail.name);
    assert.ok(ms < messageCostMax.ms, `${mail.name}: ${ms} ms`);
  }
});
