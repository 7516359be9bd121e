import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecipePlace } from "./recipe.ts";
import { recipesFor } from "./recipes-for.ts";

const place: RecipePlace = {
  connector: "con_1",
  journalEmailAddress: "j-$1@journal.example",
  type: "eej",
  subAddress: false,
  envelopeHeaders: [],
  requireTls: false,
  hasLogin: false,
  host: "archive.example",
  port: 2525,
};
const recipe = (id: string, changes: Partial<RecipePlace> = {}) => {
  const found = recipesFor({ ...place, ...changes }).find((one) => one.id === id);
  assert.ok(found, id);
  return found;
};
const codeOf = (id: string, changes: Partial<RecipePlace> = {}) =>
  recipe(id, changes)
    .steps.map(({ code }) => code)
    .join("\n");

test("every recipe names the journal address or its domain, this server, a grade and what is captured", () => {
  for (const { id, sentence } of recipesFor(place)) {
    assert.match(codeOf(id), /journal\.example|j-\$1@/, id);
    assert.match(codeOf(id), /archive\.example/, id);
    assert.match(sentence, /captured/, id);
  }
});

test("Postfix's table names the recipient in the copy's address, escapes the pattern, and copies no copy", () => {
  const code = codeOf("postfix");
  assert.ok(code.includes("if !/@journal\\.example$/\n/^(.+)@([^@]+)$/ j-$$1+$1=$2@journal.example\nendif"), code);
  assert.ok(code.includes("inline:{ { journal.example = muniment:[archive.example]:2525 } }"), code);
  assert.ok(code.includes("soft_bounce=yes"));
});

test("a recipe says what of the connector does not fit it, and nothing when all does", () => {
  assert.equal(recipe("postfix").before.length, 2);
  assert.deepEqual(recipe("postfix", { type: "standard", subAddress: true }).before, []);
  assert.deepEqual(recipe("exchange-server").before, []);
  assert.equal(recipe("exchange-server", { type: "standard" }).before.length, 1);
  assert.equal(recipe("microsoft-365", { hasLogin: true }).before.length, 1);
});

test("TLS and a login are asked of the other side where the connector asks for them", () => {
  assert.ok(codeOf("postfix").includes("smtp_tls_security_level=may"));
  assert.ok(codeOf("postfix", { requireTls: true }).includes("smtp_tls_security_level=secure"));
  assert.ok(codeOf("postfix", { requireTls: true, host: "192.0.2.1" }).includes("smtp_tls_security_level=encrypt"));
  assert.ok(codeOf("postfix", { hasLogin: true }).includes("[archive.example]:2525 j-$1@journal.example:PASSWORD"));
  assert.ok(codeOf("exchange-server", { requireTls: true }).includes("-RequireTLS $true"));
});

test("copies whose header tells nobody are graded C and say that Bcc is lost", () => {
  assert.equal(recipe("copy").fidelity, "C");
  assert.match(recipe("copy").sentence, /Bcc recipients are not captured/);
  assert.equal(recipe("copy", { envelopeHeaders: ["X-Envelope-To"] }).fidelity, "B");
});
