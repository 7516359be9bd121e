import assert from "node:assert/strict";
import { test } from "node:test";
import { allows, covers, type Permission, permissionsByRole, roles } from "./roles.ts";

const allowed: [Permission, string][] = [
  ["session", "operator admin compliance auditor user"],
  ["connectors:read", "operator admin compliance auditor"],
  ["connectors:write", "operator admin"],
  ["messages:search", "admin compliance auditor"],
  ["messages:read", "admin compliance auditor"],
  ["status:read", "operator admin compliance auditor"],
  ["verify:run", "operator admin compliance"],
  ["search:rebuild", "operator admin"],
  ["tokens:write", "admin"],
  ["imports:write", "admin"],
  ["quarantine:read", "operator admin compliance auditor"],
  ["quarantine:decide", "admin compliance"],
  ["audit:read", "admin compliance auditor"],
  ["keys:read", "admin compliance"],
  ["keys:write", "admin"],
  ["messages:decrypted", "admin compliance"],
  ["backups:write", "nobody"],
];

for (const [permission, names] of allowed) {
  test(`${permission} is for ${names}`, () => {
    const got = roles.filter((role) => allows(role, permission));
    assert.deepEqual(got.sort(), names === "nobody" ? [] : names.split(" ").sort());
  });
}

test("the table names every permission that a role has", () => {
  const named = new Set(allowed.map(([permission]) => permission));
  assert.deepEqual(
    Object.values(permissionsByRole)
      .flat()
      .filter((permission) => !named.has(permission)),
    [],
  );
});

test("an admin covers every role, and nobody else covers an admin", () => {
  assert.deepEqual(roles.filter((role) => covers("admin", role)).length, roles.length);
  assert.deepEqual(
    roles.filter((role) => covers(role, "admin")),
    ["admin"],
  );
});

test("an operator does not cover a role that reads mail", () => {
  assert.equal(covers("operator", "auditor"), false);
});
