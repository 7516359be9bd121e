import assert from "node:assert/strict";
import { test } from "node:test";
import type { SmtpSettings } from "#catalogue/index.ts";
import type { Lacking, Sender } from "#spool/index.ts";
import { openToAll, permissionOf } from "./permission.ts";

const certificate = "ab".repeat(32);
const sender = (changes: Partial<Sender> = {}): Sender => ({
  address: "192.0.2.7",
  helo: "mx.test",
  tls: "TLSv1.3 TLS_AES_256_GCM_SHA384",
  user: null,
  certificate: null,
  ...changes,
});

const cases: [name: string, settings: Partial<SmtpSettings>, from: Partial<Sender>, lacking: Lacking | null][] = [
  ["anyone in clear where nothing is set", {}, { tls: null }, null],
  ["an address of the list", { permitted: ["192.0.2.0/24"] }, {}, null],
  ["an address of no list", { permitted: ["192.0.2.0/29", "2001:db8::/32"] }, { address: "192.0.2.8" }, "source"],
  ["an address of a provider", { presets: ["microsoft-365"] }, { address: "40.93.1.1" }, null],
  ["an address beside a provider's", { presets: ["microsoft-365"] }, { address: "40.94.0.1" }, "source"],
  ["an address of the list beside a provider", { permitted: ["192.0.2.7"], presets: ["mimecast-eu"] }, {}, null],
  ["clear text where TLS is asked for", { requireTls: true }, { tls: null }, "tls"],
  ["TLS where TLS is asked for", { requireTls: true }, {}, null],
  ["no login where one is asked for", { login: "x" }, {}, "login"],
  ["clear text where a login is asked for", { login: "x" }, { tls: null }, "tls"],
  ["another connector's login", { login: "x" }, { user: "other@journal.test" }, "login"],
  ["its own login in other case", { login: "x" }, { user: "J-1@Journal.TEST" }, null],
  ["no certificate where one is asked for", { certificate }, {}, "certificate"],
  ["another certificate", { certificate }, { certificate: "cd".repeat(32) }, "certificate"],
  ["the certificate", { certificate }, { certificate }, null],
  [
    "the right login from a wrong address",
    { permitted: ["203.0.113.1"], login: "x" },
    { user: "j-1@journal.test" },
    "source",
  ],
];
for (const [name, settings, from, lacking] of cases) {
  test(`${name}: ${lacking === null ? "may send" : `lacks ${lacking}`}`, () => {
    const permission = permissionOf({ smtp: { ...openToAll, ...settings }, journalEmailAddress: "j-1@journal.test" });
    assert.equal(permission.lackOf(sender(from)), lacking);
  });
}

test("a connector without a list lists nobody, so nobody is spared the limits for strangers", () => {
  assert.equal(permissionOf({ journalEmailAddress: "j@x.test" }).lists("192.0.2.7"), false);
});
