import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "#core/index.ts";
import { acme, createParts, other } from "../../test/api/kit.ts";
import { createAccess } from "./create-access.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const ann = { email: "ann@example.com", passphrase: "correct horse battery" };

function failsWith(code: string) {
  return (error: unknown) => isFailure(error, code);
}

async function claimed() {
  const parts = await createParts();
  const { secret } = await parts.access.createClaim(acme);
  const signedIn = await parts.access.claim({ secret, ...ann });
  return { ...parts, secret, signedIn };
}

test("a claim makes the first person an admin and signs them in", async () => {
  const { access, signedIn } = await claimed();
  assert.equal(await access.isClaimed(acme), true);
  assert.equal(await access.isClaimed(other), false);
  const identity = await access.authenticate({ kind: "session", secret: signedIn.session.secret });
  assert.deepEqual(identity, signedIn.identity);
  assert.deepEqual(
    { ...identity, person: null },
    { kind: "person", tenant: acme, role: "admin", person: null, label: ann.email },
  );
});

test("a claim is valid up to 30 minutes and not at 30 minutes", async () => {
  const { access, clock } = await createParts();
  const { secret } = await access.createClaim(acme);
  clock.advance(30 * minuteMs - 1);
  assert.equal((await access.checkClaim(secret)).kind, "valid");
  clock.advance(1);
  assert.equal((await access.checkClaim(secret)).kind, "used");
  await assert.rejects(access.claim({ secret, ...ann }), failsWith("CLAIM-USED"));
});

test("a used claim is used, and the claimed archive is closed to another link", async () => {
  const { access, secret } = await claimed();
  assert.equal((await access.checkClaim(secret)).kind, "used");
  const late = await access.createClaim(acme);
  assert.equal((await access.checkClaim(late.secret)).kind, "used");
  await assert.rejects(
    access.claim({ secret: late.secret, ...ann, email: "eve@example.com" }),
    failsWith("CLAIM-CLOSED"),
  );
});

test("an unknown claim is closed once every tenant is claimed, and used before", async () => {
  const { access } = await claimed();
  await assert.rejects(access.claim({ secret: "no", ...ann }), failsWith("CLAIM-USED"));
  const { secret } = await access.createClaim(other);
  await access.claim({ secret, ...ann, email: "otto@example.com" });
  await assert.rejects(access.claim({ secret: "no", ...ann }), failsWith("CLAIM-CLOSED"));
});

const badClaims: [string, Partial<typeof ann>, string][] = [
  ["a short passphrase", { passphrase: "x".repeat(11) }, "PASSPHRASE-SHORT"],
  ["a bad e-mail", { email: "ann at example.com" }, "EMAIL-BAD"],
];
for (const [name, change, code] of badClaims) {
  test(`${name} leaves the claim for another try`, async () => {
    const { access } = await createParts();
    const { secret } = await access.createClaim(acme);
    await assert.rejects(access.claim({ secret, ...ann, ...change }), failsWith(code));
    assert.equal((await access.claim({ secret, ...ann })).identity.tenant, acme);
  });
}

test("an e-mail that is taken in another tenant leaves the claim for another try", async () => {
  const { access } = await claimed();
  const { secret } = await access.createClaim(other);
  await assert.rejects(access.claim({ secret, ...ann, email: "ANN@example.com" }), failsWith("EMAIL-TAKEN"));
  assert.equal((await access.checkClaim(secret)).kind, "valid");
});

test("of two claims of one tenant at once only one makes a person", async () => {
  const { access, catalogue } = await createParts();
  const links = [await access.createClaim(acme), await access.createClaim(acme)];
  const outcomes = await Promise.allSettled(
    links.map(({ secret }, index) => access.claim({ secret, ...ann, email: `p${index}@example.com` })),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal((await catalogue.people(acme)).length, 1);
});

test("of two uses of one claim at once only one makes a person", async () => {
  const { access, catalogue } = await createParts();
  const { secret } = await access.createClaim(acme);
  const outcomes = await Promise.allSettled(
    [0, 1].map((index) => access.claim({ secret, ...ann, email: `p${index}@example.com` })),
  );
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.equal((await catalogue.people(acme)).length, 1);
});

test("signing in takes the e-mail in any case", async () => {
  const { access } = await claimed();
  assert.equal((await access.signIn({ ...ann, email: "Ann@Example.COM" })).identity.label, ann.email);
});

test("a wrong passphrase and an unknown e-mail are told alike and cost one comparison each", async () => {
  const parts = await claimed();
  let compared = 0;
  const passphrases = {
    ...parts.passphrases,
    verify: (passphrase: string, encoded: string) => {
      compared += 1;
      return parts.passphrases.verify(passphrase, encoded);
    },
  };
  const access = createAccess({ ...parts, passphrases });
  const messages = [];
  for (const attempt of [
    { ...ann, passphrase: "wrong horse battery" },
    { ...ann, email: "nobody@example.com" },
  ]) {
    const error = await access.signIn(attempt).catch((reason: unknown) => reason);
    assert.ok(isFailure(error, "AUTH-REJECTED"));
    messages.push(error.publicText);
  }
  assert.equal(messages[0], messages[1]);
  assert.equal(compared, 2);
});

test("a session ends after 12 hours, however much it is used", async () => {
  const { access, clock, signedIn } = await claimed();
  const presented = { kind: "session", secret: signedIn.session.secret } as const;
  clock.advance(12 * hourMs - 1);
  assert.ok(await access.authenticate(presented));
  clock.advance(1);
  assert.equal(await access.authenticate(presented), undefined);
});

test("a session ends with signing out, which may be repeated", async () => {
  const { access, signedIn } = await claimed();
  await access.signOut(signedIn.session.secret);
  await access.signOut(signedIn.session.secret);
  assert.equal(await access.authenticate({ kind: "session", secret: signedIn.session.secret }), undefined);
});

test("a secret of one kind is nothing as another kind", async () => {
  const { access, signedIn } = await claimed();
  assert.equal(await access.authenticate({ kind: "token", secret: signedIn.session.secret }), undefined);
  const claim = await access.createClaim(other);
  assert.equal(await access.authenticate({ kind: "session", secret: claim.secret }), undefined);
});

test("a token carries role, tenant and label, and ends when it was said to", async () => {
  const { access, clock, signedIn } = await claimed();
  const token = await access.createToken(signedIn.identity, { role: "auditor", label: "audit", expiresInDays: 1 });
  assert.match(token.secret, /^mun_live_[0-9a-z]{32}$/);
  const presented = { kind: "token", secret: token.secret } as const;
  assert.deepEqual(await access.authenticate(presented), {
    kind: "token",
    tenant: acme,
    role: "auditor",
    person: null,
    label: "audit",
  });
  clock.advance(24 * hourMs);
  assert.equal(await access.authenticate(presented), undefined);
});

test("no secret is kept, only its fingerprint", async () => {
  const parts = await createParts();
  const kept: string[] = [];
  const catalogue = {
    ...parts.catalogue,
    addCredential: (entry: Parameters<typeof parts.catalogue.addCredential>[0]) => {
      kept.push(JSON.stringify(entry));
      return parts.catalogue.addCredential(entry);
    },
  };
  const access = createAccess({ ...parts, catalogue });
  const claim = await access.createClaim(acme);
  const { session, identity } = await access.claim({ secret: claim.secret, ...ann });
  const token = await access.createToken(identity, { role: "admin", label: "x", expiresInDays: 1 });
  assert.equal(kept.length, 3);
  for (const { secret } of [claim, session, token]) {
    assert.deepEqual(
      kept.filter((entry) => entry.includes(secret)),
      [],
    );
  }
});

test("a token is worth no more than its maker", async () => {
  const { access } = await createParts();
  const maker = { kind: "token", tenant: acme, role: "operator", person: null, label: "" } as const;
  await assert.rejects(
    access.createToken(maker, { role: "auditor", label: "", expiresInDays: 1 }),
    failsWith("AUTH-FORBIDDEN"),
  );
});

test("the local socket is the administrator of the tenant it names", async () => {
  const { access } = await createParts();
  const identity = await access.authenticate({ kind: "local", tenant: "other" });
  assert.deepEqual(identity, {
    kind: "local",
    tenant: other,
    role: "admin",
    person: null,
    label: "local administrator",
  });
  await assert.rejects(access.authenticate({ kind: "local", tenant: null }), failsWith("TENANT-UNSTATED"));
  await assert.rejects(access.authenticate({ kind: "local", tenant: "nobody" }), failsWith("TENANT-UNKNOWN"));
});

test("with one tenant the local socket need not name it", async () => {
  const parts = await createParts();
  const one = (await parts.catalogue.tenants()).slice(0, 1);
  const access = createAccess({ ...parts, catalogue: { ...parts.catalogue, tenants: async () => one } });
  assert.equal((await access.authenticate({ kind: "local", tenant: null }))?.tenant, acme);
});

test("only the local administrator learns of other tenants", async () => {
  const { access, signedIn } = await claimed();
  const local = { ...signedIn.identity, kind: "local" } as const;
  assert.deepEqual(
    (await access.tenantsOf(signedIn.identity)).map(({ id }) => id),
    [acme],
  );
  assert.deepEqual((await access.tenantsOf(local)).map(({ id }) => id).sort(), [acme, other]);
});

test("signing in sweeps away what has expired", async () => {
  const { access, catalogue, clock, keyring, signedIn } = await claimed();
  clock.advance(13 * hourMs);
  await access.signIn(ann);
  assert.equal(
    await catalogue.credential("session", keyring.fingerprint("session", signedIn.session.secret)),
    undefined,
  );
});
