import assert from "node:assert/strict";
import { test } from "node:test";
import type { Instant } from "#core/index.ts";
import { at, type Context, credentialEntry, fails, personEntry } from "./catalogue-entries.ts";

export function peopleContract({ catalogue, newTenant }: Context): void {
  test("finds a person by e-mail, however it is written", async () => {
    const tenant = await newTenant();
    const person = personEntry(tenant, "Ann@Found.example");
    await catalogue().addPerson(person);
    assert.deepEqual(await catalogue().personByEmail(" ann@FOUND.example"), person);
    assert.equal(await catalogue().personByEmail("nobody@found.example"), undefined);
    assert.deepEqual(await catalogue().people(tenant), [person]);
  });

  test("takes an e-mail once in the installation", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    await catalogue().addPerson(personEntry(one, "once@example.com"));
    await fails(catalogue().addPerson({ ...personEntry(two, "ONCE@example.com"), id: "other" }), "CATALOGUE-CONFLICT");
    const sameId = { ...personEntry(one, "once@example.com"), email: "fresh@example.com" };
    await fails(catalogue().addPerson(sameId), "CATALOGUE-CONFLICT");
    assert.deepEqual(await catalogue().people(two), []);
  });

  test("lists the people of one tenant by e-mail", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    for (const [owner, name] of [
      [tenant, "b"],
      [other, "c"],
      [tenant, "A"],
    ] as const) {
      await catalogue().addPerson(personEntry(owner, `${name}@list.example`));
    }
    assert.deepEqual(
      (await catalogue().people(tenant)).map((person) => person.email),
      ["A@list.example", "b@list.example"],
    );
  });

  test("gives a credential back by kind and fingerprint, also when it has expired", async () => {
    const tenant = await newTenant();
    const credential = credentialEntry(tenant, "print-1", { expiresAt: at(1), person: "per_1" });
    await catalogue().addCredential(credential);
    assert.deepEqual(await catalogue().credential("session", "print-1"), credential);
    assert.equal(await catalogue().credential("token", "print-1"), undefined);
    assert.equal(await catalogue().credential("session", "print-unknown"), undefined);
  });

  test("takes a fingerprint once for each kind", async () => {
    const tenant = await newTenant();
    await catalogue().addCredential(credentialEntry(tenant, "print-2"));
    await fails(catalogue().addCredential(credentialEntry(tenant, "print-2")), "CATALOGUE-CONFLICT");
    await catalogue().addCredential(credentialEntry(tenant, "print-2", { kind: "token" }));
  });

  test("gives a credential away once, however many ask at the same time", async () => {
    const tenant = await newTenant();
    const credential = credentialEntry(tenant, "print-3", { kind: "claim" });
    await catalogue().addCredential(credential);
    await catalogue().addCredential({ ...credential, kind: "token" });
    const taken = await Promise.all(Array.from({ length: 8 }, () => catalogue().takeCredential("claim", "print-3")));
    assert.deepEqual(
      taken.filter((entry) => entry !== undefined),
      [credential],
    );
    assert.equal(await catalogue().credential("claim", "print-3"), undefined);
    assert.notEqual(await catalogue().credential("token", "print-3"), undefined);
  });

  test("sweeps what expired before now, and not what expires now, later or never", async () => {
    const tenant = await newTenant();
    const expiries: [string, Instant | null][] = [
      ["before", at(99)],
      ["now", at(100)],
      ["after", at(101)],
      ["never", null],
    ];
    for (const [name, expiresAt] of expiries) {
      for (const kind of ["claim", "session", "token"] as const) {
        await catalogue().addCredential(credentialEntry(tenant, `sweep-${name}`, { kind, expiresAt }));
      }
    }
    await catalogue().sweepCredentials(at(100));
    for (const kind of ["claim", "session", "token"] as const) {
      const left = await Promise.all(expiries.map(([name]) => catalogue().credential(kind, `sweep-${name}`)));
      assert.deepEqual(
        left.map((entry) => entry !== undefined),
        [false, true, true, true],
      );
    }
  });
}
